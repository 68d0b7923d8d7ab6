using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Result of a request for the code of a mail.</summary>
internal enum MailCodeResult
{
    /// <summary>The mail will be sent.</summary>
    Sent,

    /// <summary>The account has another way to prove who its user is, or no verified address.</summary>
    NotFor,

    /// <summary>Too many have been sent for this account within the hour.</summary>
    TooMany,

    /// <summary>The session has ended.</summary>
    Void,
}

/// <summary>Codes of mails, by which a user without a password proves again who they are. Safe to share.</summary>
internal sealed class MailCodeStore(TransactionRunner runner, IStorageProvider provider)
{
    /// <summary>Sends a code to the verified address of an account without a password and without a passkey.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session that asks. The code counts in it alone.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<MailCodeResult> AskAsync(Guid userId, Guid sessionId, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var user = await transaction.LoadUserAsync(userId, token);
            var session = (await transaction.LoadAsync([sessionId], token)).GetValueOrDefault(sessionId);
            if (user is not { Disabled: false } || session is not { Row.EndReason: null })
            {
                return MailCodeResult.Void;
            }

            if (user is not { HasPassword: false, VerifiedEmail: not null, Email: { } address }
                || await transaction.Db.Passkeys.AnyAsync(passkey => passkey.UserId == userId, token))
            {
                return MailCodeResult.NotFor;
            }

            const MailKind Kind = MailKind.ReauthenticationCode;
            if (await MailStore.CountRecentAsync(transaction, userId, Kind, token) >= MailStore.MaxPerHour)
            {
                return MailCodeResult.TooMany;
            }

            transaction.Send(Kind, user, address).SessionId = sessionId;
            return MailCodeResult.Sent;
        },
        ct);

    /// <summary>Finds the newest mail with a code for a session, if it counts. Null if there is none.</summary>
    /// <param name="account">The account.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="since">The moment of the oldest request that counts.</param>
    /// <param name="ct">Cancels the query.</param>
    public Task<Guid?> FindAsync(
        Account account, Guid sessionId, DateTimeOffset since, CancellationToken ct) => provider.ReadAsync(
        async (db, token) => (await db.Mails.AsNoTracking()
            .Where(mail => mail.UserId == account.Id && mail.Kind == MailKind.ReauthenticationCode
                && mail.SessionId == sessionId && mail.CreatedAt > since)
            .OrderByDescending(mail => mail.CreatedAt)
            .FirstOrDefaultAsync(token)) is { } mail
            && mail.State != MailState.Used && mail.SecurityStamp == account.SecurityStamp
                ? (Guid?)mail.Id
                : null,
        ct);
}
