using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Result of a change by an address or a link. Nothing was changed unless it says so.</summary>
internal enum EmailResult
{
    /// <summary>The change was made.</summary>
    Changed,

    /// <summary>The link is of an account that has changed its credentials since, is disabled or is gone.</summary>
    LinkVoid,

    /// <summary>Another account has verified the address.</summary>
    InUse,

    /// <summary>Too many mails have been sent for this account within the hour.</summary>
    TooMany,

    /// <summary>The session has ended, its handle is old, or credentials have changed meanwhile.</summary>
    Void,
}

/// <summary>Addresses of accounts, and changes by the links of their mails. Safe to share.</summary>
internal sealed class EmailStore(
    TransactionRunner runner,
    SessionEnder ender,
    CredentialChanger changer,
    IStorageProvider provider,
    UsableProviders usable,
    LoginPolicy logins)
{
    /// <summary>
    /// Sends a link to an address, which becomes the account's once it is followed, and a notice to the verified one.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session that asks. It outlives the change.</param>
    /// <param name="address">The address, which is valid.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<EmailResult> AskAsync(Guid userId, Guid sessionId, string address, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var user = await transaction.LoadUserAsync(userId, token);
            if (user is null || !await transaction.MayAskAsync(user, sessionId, token))
            {
                return EmailResult.Void;
            }

            if (await MailStore.CountRecentAsync(transaction, userId, MailKind.ConfirmEmail, token) >= MailStore.MaxPerHour)
            {
                return EmailResult.TooMany;
            }

            transaction.Send(MailKind.ConfirmEmail, user, address).SessionId = sessionId;
            if (user.VerifiedEmail != Username.Normalize(address))
            {
                transaction.Notify(MailKind.EmailChange, user);
            }

            return EmailResult.Changed;
        },
        ct);

    /// <summary>
    /// Makes the address of a link the account's. If another address was verified before, all sessions end, except the one
    /// that asked.
    /// </summary>
    public Task<EmailResult> ConfirmAsync(MailLink link, ClientInfo client, CancellationToken ct) => ender.RunAsync(
        link.UserId,
        EndReason.Revoked,
        spared: link.SessionId,
        client,
        async (transaction, token) =>
        {
            if (await LoadOwnerAsync(transaction, link, token) is not { } user)
            {
                return EmailResult.LinkVoid;
            }

            return await VerifyAsync(transaction, user, link.Address, "verified", link.SessionId, client, token);
        },
        ct);

    /// <summary>Removes the address of an account, and ends the user's other sessions.</summary>
    /// <param name="by">The user and the session that ask. The session stays.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<SessionProofResult> RemoveAsync(CredentialChange by, CancellationToken ct) => changer.RunAsync(
        by,
        async (transaction, user, token) =>
        {
            // Without a password, the address is what a new one can be set by.
            if (logins.RequiresVerifiedEmail
                || !await transaction.HasOtherLoginAsync(user, RemovedLogin.Address, usable, token))
            {
                return ChangeRefusal.Last;
            }

            transaction.Notify(MailKind.EmailChange, user);
            (user.Email, user.VerifiedEmail) = (null, null);
            transaction.Record(new SecurityEvent(EventKind.EmailChanged, by.Client, user.Id)
            {
                SessionId = by.SessionId,
                Detail = "removed",
            });
            return ChangeResult.Made;
        },
        ct);

    /// <summary>
    /// Makes an address a verified one of an account, for an operator at the command line. If another address was verified
    /// before, all sessions of the account end.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="address">The address, which is valid.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<EmailResult> SetAsync(Guid userId, string address, CancellationToken ct) => ender.RunAsync(
        userId,
        EndReason.Revoked,
        spared: null,
        ClientInfo.CommandLine,
        async (transaction, token) => await transaction.LoadUserAsync(userId, token) is { } user
            ? await VerifyAsync(transaction, user, address, "set", asking: null, ClientInfo.CommandLine, token)
            : EmailResult.Void,
        ct);

    /// <summary>Sets a forgotten password by a link, and ends all sessions of the account. False if the link is void.</summary>
    public Task<bool> ResetPasswordAsync(MailLink link, string passwordHash, ClientInfo client, CancellationToken ct) =>
        ender.RunAsync(
            link.UserId,
            EndReason.PasswordChanged,
            spared: null,
            client,
            async (transaction, token) =>
            {
                if (await LoadOwnerAsync(transaction, link, token) is not { } user)
                {
                    return false;
                }

                user.ChangePassword(passwordHash);
                transaction.Record(new SecurityEvent(EventKind.PasswordReset, client, user.Id));
                transaction.Notify(MailKind.PasswordChanged, user);
                await transaction.EndAllAsync(user, EndReason.PasswordChanged, except: null, client, token);
                return true;
            },
            ct);

    /// <summary>Finds the account that a link still counts for. Null if the link is void.</summary>
    public Task<UserRow?> FindOwnerAsync(MailLink link, CancellationToken ct) => provider.ReadAsync(
        async (db, token) =>
            await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == link.UserId, token) is { } user
            && await CountsAsync(db, link, user, token)
                ? user
                : null,
        ct);

    // The user was notified of the change when a link was asked for, but not by an operator.
    private static async Task<EmailResult> VerifyAsync(
        WriteTransaction transaction,
        UserRow user,
        string address,
        string detail,
        Guid? asking,
        ClientInfo client,
        CancellationToken ct)
    {
        var verified = Username.Normalize(address);
        if (await transaction.Db.Users.AnyAsync(u => u.VerifiedEmail == verified && u.Id != user.Id, ct))
        {
            return EmailResult.InUse;
        }

        var isReplaced = user.VerifiedEmail is { } before && before != verified;
        if (isReplaced && asking is null)
        {
            transaction.Notify(MailKind.EmailChange, user);
        }

        (user.Email, user.VerifiedEmail) = (address, verified);
        user.ChangeCredentials();
        transaction.Record(new SecurityEvent(EventKind.EmailChanged, client, user.Id) { Detail = detail });
        if (isReplaced)
        {
            await transaction.EndAllAsync(user, EndReason.Revoked, except: asking, client, ct);
        }

        return EmailResult.Changed;
    }

    private static async Task<UserRow?> LoadOwnerAsync(WriteTransaction transaction, MailLink link, CancellationToken ct) =>
        await transaction.LoadUserAsync(link.UserId, ct) is { } user && await CountsAsync(transaction.Db, link, user, ct)
            ? user
            : null;

    // A link to an address counts while the session that asked is live, and no other address has been asked for since.
    private static async Task<bool> CountsAsync(AuthDbContext db, MailLink link, UserRow user, CancellationToken ct) =>
        !user.Disabled && user.SecurityStamp == link.SecurityStamp
        && (link.Kind is not MailKind.ConfirmEmail
            ? user.VerifiedEmail == Username.Normalize(link.Address)
                && await db.Mails.AnyAsync(mail => mail.Id == link.MailId && mail.State != MailState.Used, ct)
            : (link.SessionId == Guid.Empty
                || await db.Sessions.AnyAsync(session => session.Id == link.SessionId && session.EndedAt == null, ct))
            && !await db.Mails.AnyAsync(
                mail => mail.UserId == user.Id && mail.Kind == MailKind.ConfirmEmail && mail.CreatedAt > link.AskedAt, ct));
}
