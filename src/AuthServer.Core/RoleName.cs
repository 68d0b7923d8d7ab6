namespace AuthServer.Core;

/// <summary>Rule for the names of roles.</summary>
public static class RoleName
{
    /// <summary>The rule, as the sentence for the caller who broke it.</summary>
    public const string Rule = "A role has 1 to 64 of the characters a to z, 0 to 9, - . : and _.";

    /// <summary>The role of administrators of the server.</summary>
    public const string Administrator = "admin";

    private const int MaxLength = 64;

    /// <summary>True if a text is the name of a role.</summary>
    public static bool IsValid(string role)
    {
        ArgumentNullException.ThrowIfNull(role);
        return role.Length is > 0 and <= MaxLength
            && role.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.' or ':' or '_');
    }
}
