namespace AuthServer.Core;

/// <summary>The user that tokens are made for, as read in the transaction that decided.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Username">The name as its owner wrote it.</param>
/// <param name="DisplayName">The display name, or the user name if there is none.</param>
/// <param name="Roles">The roles.</param>
/// <param name="Disabled">True if the account is disabled, so that no token may be made for it.</param>
public sealed record TokenSubject(Guid Id, string Username, string DisplayName, IReadOnlyList<string> Roles, bool Disabled)
{
    /// <summary>The address in normal form if the account has verified it; else null.</summary>
    public string? VerifiedEmail { get; init; }
}
