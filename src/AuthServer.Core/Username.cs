using System.Text;

namespace AuthServer.Core;

/// <summary>A user name that keeps the rule of the contract.</summary>
public sealed record Username
{
    /// <summary>Longest name, in code points, as given and in its normal form.</summary>
    public const int MaxLength = 64;

    private const string Invisible = "Must not have control or invisible characters.";

    private Username(string value, string normalized)
    {
        Value = value;
        Normalized = normalized;
    }

    /// <summary>The name as given.</summary>
    public string Value { get; }

    /// <summary>What names are compared by: NFKC and invariant lower case. Two names are one account if this is equal.</summary>
    public string Normalized { get; }

    /// <summary>Whether the name is an e-mail address, and so the account's.</summary>
    public bool IsEmail => Value.Contains('@', StringComparison.Ordinal);

    /// <summary>
    /// The normal form of any text, a valid name or not; null where it is no Unicode text, or has the one character that some databases do
    /// not store.
    /// </summary>
    public static string? Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (CodePoints.Count(text) is null || text.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        // Lower case can leave what NFKC would compose, so the text is normalized once more.
        return text.Normalize(NormalizationForm.FormKC).ToLowerInvariant().Normalize(NormalizationForm.FormKC);
    }

    /// <summary>
    /// Reads a name; null where it breaks the rule, and then <paramref name="problem"/> is the sentence for the client.
    /// </summary>
    public static Username? Parse(string text, out string? problem)
    {
        if (Normalize(text) is not { } normalized)
        {
            problem = CodePoints.Count(text) is null ? "Must be Unicode text." : Invisible;
            return null;
        }

        // NFKC makes the fullwidth and the small at sign a plain one, so only the normal form tells an address for sure.
        var isEmail = normalized.Contains('@', StringComparison.Ordinal);
        problem = ProblemOf(text, isEmail) ?? ProblemOf(normalized, isEmail);
        return problem is null ? new Username(text, normalized) : null;
    }

    // Asked of the name as given and of its normal form, for either can hide what the other shows.
    private static string? ProblemOf(string name, bool isEmail) =>
        CodePoints.Count(name) is 0 or > MaxLength ? "Must have 1 to 64 characters."
        : name.Contains(':', StringComparison.Ordinal) ? "Must not have a colon."
        : name.EnumerateRunes().Any(CodePoints.IsInvisible) ? Invisible
        : char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]) ? "Must not begin or end with a space."
        : isEmail && !EmailAddress.IsValid(name) ? "A name with an @ must be a valid e-mail address."
        : null;
}
