using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>Mails that strangers ask for by the name of an account.</summary>
internal static class AccountMails
{
    /// <summary>
    /// Adds a mail to the verified address of an account. Refuses with <see cref="ErrorCode.InvalidRequest"/> without a name.
    /// Without such an account, the same is answered and as much is written.
    /// </summary>
    /// <param name="mails">The outbox.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="username">The name or the address as given.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public static async Task<Outcome<Unit>> AskAsync(
        this MailStore mails, MailKind kind, string? username, CancellationToken ct)
    {
        if (username is null)
        {
            return Refusal.OfField("username", "Is required.");
        }

        // A longer text is the name of no account.
        if (username.Length <= EmailAddress.MaxLength && Username.Normalize(username.Trim()) is { } login)
        {
            await mails.AddAsync(kind, login, ct);
        }

        return default(Unit);
    }
}
