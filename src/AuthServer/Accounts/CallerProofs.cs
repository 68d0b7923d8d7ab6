namespace AuthServer.Accounts;

/// <summary>What a caller proves again by who they are, as given.</summary>
/// <param name="Password">The current password; null if there was none.</param>
/// <param name="Code">A code of the authenticator app, or a recovery code; null if there was none.</param>
/// <param name="MailCode">The code of a mail, for accounts without a password; null if there was none.</param>
internal sealed record CallerProofs(string? Password, string? Code = null, string? MailCode = null);
