using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>
/// Deletes accounts. The rows of a deleted account and of its sessions stay as long as those of any ended session. Nodes read
/// from them what has ended. They say nothing about its owner. Safe to share.
/// </summary>
internal sealed class DeletionStore(TransactionRunner runner, SessionEnder ender)
{
    /// <summary>Time for which the row of a deleted account is kept: that of its sessions, which refer to it.</summary>
    public static readonly TimeSpan Retention = SessionLister.EndedRetention;

    /// <summary>
    /// Deletes an account: its sessions end, and all that it has is removed. Its name stays reserved, its address is free.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session that asks, which ends last; null for an operator.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work up to its commit. Sessions may have ended.</param>
    /// <param name="force">True to delete the last administrator too.</param>
    public Task<AccountResult> DeleteAsync(
        Guid userId, Guid? sessionId, ClientInfo client, CancellationToken ct, bool force = false) => ender.RunAsync(
        userId,
        EndReason.Deleted,
        spared: sessionId,
        client,
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(userId, token) is not { } user
                || (sessionId is { } asking && !await transaction.MayAskAsync(user, asking, token)))
            {
                return AccountResult.Void;
            }

            if (!force && await transaction.IsLastAdministratorAsync(user, token))
            {
                return AccountResult.LastAdministrator;
            }

            await transaction.EndAllAsync(user, EndReason.Deleted, except: null, client, token);
            await RemoveRowsAsync(transaction.Db, userId, token);
            await transaction.ReserveForeverAsync(user, token);
            transaction.Record(new SecurityEvent(EventKind.AccountDeleted, client, userId) { SessionId = sessionId });
            transaction.Notify(MailKind.AccountDeleted, user, user.ToMailName());
            user.Erase(transaction.Now);
            return AccountResult.Changed;
        },
        ct);

    /// <summary>Removes the rows of those of these accounts that were deleted before a moment. Returns how many.</summary>
    public Task<int> RemoveAsync(IReadOnlyCollection<Guid> ids, DateTimeOffset before, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            // The account may have been deleted by a node of the version before, which left its id with the names.
            await transaction.Db.ForgetOwnersAsync(ids, token);
            return await transaction.Db.Users
                .Where(u => ids.Contains(u.Id) && u.DeletedAt < before).ExecuteDeleteAsync(token);
        },
        ct);

    // Mails that were sent stay for their day: an address gets few in an hour, from whichever accounts. The notice that the
    // address is being changed is sent all the same: a thief may have asked for the change, and for the deletion.
    private static async Task RemoveRowsAsync(AuthDbContext db, Guid userId, CancellationToken ct)
    {
        await db.ExternalIdentities.Where(row => row.UserId == userId).ExecuteDeleteAsync(ct);
        await db.Passkeys.Where(row => row.UserId == userId).ExecuteDeleteAsync(ct);
        await db.Totps.Where(row => row.UserId == userId).ExecuteDeleteAsync(ct);
        await db.RecoveryCodes.Where(row => row.UserId == userId).ExecuteDeleteAsync(ct);
        await db.Mails
            .Where(row => row.UserId == userId && row.Kind != MailKind.EmailChange
                && (row.State == MailState.Waiting || row.State == MailState.Failed))
            .ExecuteDeleteAsync(ct);
        await db.Sessions.Where(row => row.UserId == userId).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.DeviceName, (string?)null)
                .SetProperty(row => row.IpAddress, (string?)null)
                .SetProperty(row => row.UserAgent, (string?)null),
            ct);
    }
}
