using AuthServer.Passkeys;

namespace AuthServer.Accounts;

/// <summary>Proofs of a caller, as given. One of password, code of a mail and passkey comes first.</summary>
/// <param name="Password">The current password; null if there was none.</param>
/// <param name="Code">A code of the authenticator app, or a recovery code; null if there was none.</param>
/// <param name="MailCode">The code of a mail, for accounts without a password; null if there was none.</param>
/// <param name="Passkey">The answer of a passkey, which counts as two factors; null if there was none.</param>
internal sealed record CallerProofs(
    string? Password, string? Code = null, string? MailCode = null, PasskeyAnswer? Passkey = null)
{
    /// <summary>True if the last proof of the session is fresh, and counts for factors that are not given again.</summary>
    public bool IsFresh { get; init; }
}
