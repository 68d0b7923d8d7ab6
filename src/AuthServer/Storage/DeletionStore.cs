using System.Diagnostics;
using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>
/// Deletes accounts. The rows of a deleted account and of its sessions stay as long as those of any ended session. Nodes read
/// from them what has ended. They say nothing about its owner. Safe to share.
/// </summary>
internal sealed class DeletionStore(TransactionRunner runner, SessionEnder ender, IStorageProvider provider)
{
    /// <summary>Time for which the row of a deleted account is kept: that of its sessions, which refer to it.</summary>
    public static readonly TimeSpan Retention = SessionLister.EndedRetention;

    /// <summary>
    /// Maximum number of sessions whose devices and addresses the last transaction erases: those that it ends, and a few that
    /// ended meanwhile.
    /// </summary>
    public const int MaxErased = 2 * WriteTransaction.MaxEnds;

    private const int BatchSize = WriteTransaction.MaxEnds;

    // A query of SQLite keeps a thread until it is done.
    private const int ScanSize = 2000;

    // In times of a batch: a request waits for the last one.
    private const double PausePerBatch = 1;

    // So a deletion leaves some megabytes to write back, instead of the whole log of SQLite at once.
    private const int BatchesPerCheckpoint = 8;

    /// <summary>
    /// Deletes an account: its sessions end, and all that it has is removed. Its name stays reserved, its address is free. If it
    /// has more sessions than a transaction may end and erase, batches come first, and the account goes with the last ones. A
    /// deletion that stops in between can be asked for again, and goes on.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session that asks, which ends last; null for an operator.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work up to its commit. Sessions may have ended.</param>
    /// <param name="force">True to delete the last administrator too.</param>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true: then batches may have been
    /// committed, or everything.
    /// </exception>
    public Task<AccountResult> DeleteAsync(
        Guid userId, Guid? sessionId, ClientInfo client, CancellationToken ct, bool force = false) => ender.RunAsync(
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

            await ThrowIfTooManyAsync(transaction.Db, userId, token);
            await transaction.EndAllAsync(user, EndReason.Deleted, except: null, client, token);
            await RemoveRowsAsync(transaction.Db, userId, token);
            await transaction.ReserveForeverAsync(user, token);
            transaction.Record(new SecurityEvent(EventKind.AccountDeleted, client, userId) { SessionId = sessionId });
            transaction.Notify(MailKind.AccountDeleted, user, user.ToMailName());
            user.Erase(transaction.Now);
            return AccountResult.Changed;
        },
        token => EndAndEraseAsync(userId, sessionId, client, token),
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

    private static IQueryable<SessionRow> NotErased(AuthDbContext db, Guid userId) => db.Sessions.Where(
        s => s.UserId == userId && (s.DeviceName != null || s.IpAddress != null || s.UserAgent != null));

    private static Task<int> EraseAsync(IQueryable<SessionRow> sessions, CancellationToken ct) => sessions.ExecuteUpdateAsync(
        set => set.SetProperty(row => row.DeviceName, (string?)null)
            .SetProperty(row => row.IpAddress, (string?)null)
            .SetProperty(row => row.UserAgent, (string?)null),
        ct);

    private static async Task ThrowIfTooManyAsync(AuthDbContext db, Guid userId, CancellationToken ct)
    {
        if (await NotErased(db, userId).Take(MaxErased + 1).CountAsync(ct) > MaxErased)
        {
            throw new TooManyEndsException();
        }
    }

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
        await EraseAsync(NotErased(db, userId), ct);
    }

    private async Task EndAndEraseAsync(Guid userId, Guid? sessionId, ClientInfo client, CancellationToken ct)
    {
        var isChanged = await ender.EndLiveAsync(userId, EndReason.Deleted, spared: sessionId, client, ct) > 0;
        try
        {
            var (batches, last) = (0, default((DateTimeOffset At, Guid Id)));
            for (var scanned = await ScanAsync(userId, last, ct); scanned.Count > 0; scanned = await ScanAsync(userId, last, ct))
            {
                foreach (var batch in scanned.Select(one => one.Id).Chunk(BatchSize))
                {
                    var begun = Stopwatch.GetTimestamp();
                    await EraseAsync(batch, ct);
                    isChanged = true;
                    await PauseAsync(begun, ++batches, ct);
                }

                last = scanned[^1];
            }
        }
        catch (UnavailableException exception) when (isChanged && !exception.IsOutcomeUnknown)
        {
            throw SessionEnder.PartlyDone(exception);
        }
    }

    // In the order of the index, so that each scan reads its own rows alone.
    private Task<List<(DateTimeOffset At, Guid Id)>> ScanAsync(
        Guid userId, (DateTimeOffset At, Guid Id) last, CancellationToken ct) => provider.ReadAsync(
        (db, token) => NotErased(db, userId)
            .Where(s => s.EndedAt >= last.At && (s.EndedAt > last.At || s.Id > last.Id))
            .OrderBy(s => s.EndedAt).ThenBy(s => s.Id).Take(ScanSize)
            .Select(s => new ValueTuple<DateTimeOffset, Guid>(s.EndedAt!.Value, s.Id)).ToListAsync(token),
        ct);

    private Task<int> EraseAsync(Guid[] ids, CancellationToken ct) => runner.RunAsync(
        (transaction, token) => EraseAsync(transaction.Db.Sessions.Where(s => ids.Contains(s.Id)), token), ct);

    private async Task PauseAsync(long begun, int batches, CancellationToken ct)
    {
        await BatchPause.AfterAsync(begun, PausePerBatch, ct);
        if (batches % BatchesPerCheckpoint == 0)
        {
            await provider.CheckpointAsync(ct);
        }
    }
}
