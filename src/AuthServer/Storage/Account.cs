using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>An account as a password is checked against it.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="NormalizedUsername">The name that failed logins are counted by.</param>
/// <param name="PasswordHash">The stored hash; null if the account has no password.</param>
/// <param name="SecurityStamp">The security stamp.</param>
/// <param name="Disabled">True if the account is disabled.</param>
/// <param name="PersonalWords">Names and addresses of the user, which must not be a password.</param>
internal sealed record Account(
    Guid Id,
    string NormalizedUsername,
    string? PasswordHash,
    Guid SecurityStamp,
    bool Disabled,
    IReadOnlyList<string> PersonalWords)
{
    /// <summary>True if the user requires a second factor for logins.</summary>
    public bool SecondFactorRequired { get; init; }

    /// <summary>True if the account has a verified address.</summary>
    public bool HasVerifiedEmail { get; init; }

    /// <summary>The roles, which may require one too.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>The password as it is checked; null if the account has none.</summary>
    public StoredPassword? Password => PasswordHash is null ? null : new(Id, PasswordHash, SecurityStamp);
}
