using System.Diagnostics;
using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthServer.Storage;

/// <summary>
/// Ends sessions whose lifetime is over. Removes old events and mails, sessions that ended long ago, deleted accounts, faded
/// failures and spent tokens. Its batches are so small that no other transaction waits long for one, and it pauses
/// after each.
/// </summary>
internal sealed class Sweeper(
    TransactionRunner runner,
    SessionEnder ender,
    DeletionStore deletions,
    IStorageProvider provider,
    SessionPolicy policy,
    IOptions<EventOptions> events,
    TimeProvider clock,
    ILogger<Sweeper> log) : BackgroundService
{
    /// <summary>Time between two sweeps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>Number of buckets of failures that are kept: those with the latest failures.</summary>
    public const int MaxFailureCounts = 100_000;

    // Limits count mails of the last hour, and operators look for those of the last day.
    private static readonly TimeSpan SentMailRetention = TimeSpan.FromDays(1);
    private static readonly TimeSpan FailedMailRetention = TimeSpan.FromDays(30);

    // Nothing is so overdue that it can't wait until the server is warm.
    private static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(1);

    private const int BatchSize = WriteTransaction.MaxEnds;

    // A query of SQLite keeps a thread, and a snapshot of the file, until it is done.
    private const int ScanSize = 2000;

    // In times of a batch. No request waits for a sweep, which leaves four fifths of the database to them.
    private const double PausePerBatch = 4;

    // In seconds: a scan of millions of sessions takes longer than a request may.
    private const int ScanTimeout = 300;

    // So a sweep leaves some megabytes to write back, instead of the whole log of SQLite at once.
    private const int BatchesPerCheckpoint = 8;

    private int batches;

    /// <summary>Sweeps everything that is due, once.</summary>
    public async Task SweepAsync(CancellationToken ct)
    {
        var ended = await EndExpiredAsync(ct);
        var sessions = await RepeatAsync(RemoveEndedAsync, ct);
        var eventsRemoved = await RepeatAsync(RemoveEventsAsync, ct);
        await RepeatAsync(RemoveFadedAsync, ct);
        await RepeatAsync(RemoveMailsAsync, ct);
        await RepeatAsync(RemoveSpentAsync, ct);
        await RemoveExcessiveAsync(ct);
        await RemoveDeletedAsync(ct);
        if (ended + sessions + eventsRemoved > 0)
        {
            log.Swept(ended, sessions, eventsRemoved);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(FirstAfter, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                timer.Period = Interval;
                await TrySweepAsync(stoppingToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || stoppingToken.IsCancellationRequested)
        {
            // The server stops, or did not finish its start. Whatever fails then is a consequence.
        }
    }

    private async Task TrySweepAsync(CancellationToken ct)
    {
        try
        {
            await SweepAsync(ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            log.SweepFailed(exception);
        }
    }

    private async Task<int> RepeatAsync(Func<CancellationToken, Task<int>> batchAsync, CancellationToken ct)
    {
        for (var total = 0; ;)
        {
            var begun = Stopwatch.GetTimestamp();
            var done = await batchAsync(ct);
            total += done;
            if (done < BatchSize)
            {
                return total;
            }

            await PauseAsync(begun, ct);
        }
    }

    private async Task PauseAsync(long begun, CancellationToken ct)
    {
        await BatchPause.AfterAsync(begun, PausePerBatch, ct);
        if (++batches % BatchesPerCheckpoint == 0)
        {
            await provider.CheckpointAsync(ct);
        }
    }

    // By a scan, outside any transaction: every refresh would have to write an index on the last use.
    private async Task<int> EndExpiredAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (idleSince, createdBefore) = (now - policy.IdleLifetime, now - policy.AbsoluteLifetime);
        var (last, ended) = (Guid.Empty, 0);
        while (true)
        {
            var begun = Stopwatch.GetTimestamp();
            var scanned = await ScanAsync(last, idleSince, createdBefore, ct);
            await BatchPause.AfterAsync(begun, PausePerBatch, ct);
            foreach (var due in scanned.Where(session => session.IsDue).Select(session => session.Id).Chunk(BatchSize))
            {
                begun = Stopwatch.GetTimestamp();
                ended += (await ender.EndBatchAsync(due, EndIfDue, ct)).Ended.Count;
                await PauseAsync(begun, ct);
            }

            if (scanned.Count < ScanSize)
            {
                return ended;
            }

            last = scanned[^1].Id;
        }
    }

    private async Task<List<(Guid Id, bool IsDue)>> ScanAsync(
        Guid last, DateTimeOffset idleSince, DateTimeOffset createdBefore, CancellationToken ct)
    {
        await using var db = provider.CreateContext();
        db.Database.SetCommandTimeout(ScanTimeout);
        return await db.Sessions.Where(s => s.Id > last).OrderBy(s => s.Id).Take(ScanSize)
            .Select(s => new ValueTuple<Guid, bool>(
                s.Id, s.EndedAt == null && (s.RotatedAt <= idleSince || s.CreatedAt <= createdBefore)))
            .ToListAsync(ct);
    }

    // A session that is refreshed meanwhile stays live, and one that a concurrent transaction changed is left to the next sweep.
    private void EndIfDue(WriteTransaction transaction, LoadedSession session)
    {
        if (transaction.Now >= policy.ExpiryOf(session.Row.CreatedAt, session.Row.RotatedAt))
        {
            transaction.Expire(session, policy, cause: null);
        }
    }

    // After their sessions, so that few rows go at once. By a scan too, because no other request looks for deleted accounts.
    private async Task RemoveDeletedAsync(CancellationToken ct)
    {
        var before = clock.GetUtcNow() - DeletionStore.Retention;
        for (var last = Guid.Empty; ;)
        {
            var begun = Stopwatch.GetTimestamp();
            var scanned = await ScanAccountsAsync(last, before, ct);
            await BatchPause.AfterAsync(begun, PausePerBatch, ct);
            foreach (var due in scanned.Where(user => user.IsDue).Select(user => user.Id).Chunk(BatchSize))
            {
                begun = Stopwatch.GetTimestamp();
                await deletions.RemoveAsync(due, before, ct);
                await PauseAsync(begun, ct);
            }

            if (scanned.Count < ScanSize)
            {
                return;
            }

            last = scanned[^1].Id;
        }
    }

    private async Task<List<(Guid Id, bool IsDue)>> ScanAccountsAsync(Guid last, DateTimeOffset before, CancellationToken ct)
    {
        await using var db = provider.CreateContext();
        db.Database.SetCommandTimeout(ScanTimeout);
        return await db.Users.Where(u => u.Id > last).OrderBy(u => u.Id).Take(ScanSize)
            .Select(u => new ValueTuple<Guid, bool>(u.Id, u.DeletedAt != null && u.DeletedAt < before))
            .ToListAsync(ct);
    }

    private Task<int> RemoveEndedAsync(CancellationToken ct) => runner.RunAsync(
        (transaction, token) => transaction.RemoveEndedAsync(transaction.Now - SessionLister.EndedRetention, BatchSize, token),
        ct);

    private Task<int> RemoveEventsAsync(CancellationToken ct) => runner.RunAsync(
        (transaction, token) => transaction.RemoveEventsAsync(transaction.Now - events.Value.Retention, BatchSize, token), ct);

    private Task<int> RemoveFadedAsync(CancellationToken ct) => runner.RunAsync(
        (transaction, token) => transaction.Db.FailureCounts.Where(count => count.EmptyAt <= transaction.Now)
            .OrderBy(count => count.EmptyAt).Take(BatchSize).ExecuteDeleteAsync(token),
        ct);

    private Task<int> RemoveMailsAsync(CancellationToken ct) => runner.RunAsync(
        (transaction, token) => transaction.Db.Mails
            .Where(mail => ((mail.State == MailState.Sent || mail.State == MailState.Used)
                    && mail.DueAt <= transaction.Now - SentMailRetention)
                || (mail.State == MailState.Failed && mail.DueAt <= transaction.Now - FailedMailRetention))
            .OrderBy(mail => mail.DueAt).Take(BatchSize).ExecuteDeleteAsync(token),
        ct);

    private Task<int> RemoveSpentAsync(CancellationToken ct) => runner.RunAsync(
        (transaction, token) => transaction.Db.SpentTokens
            .Where(spent => spent.EndsAt <= transaction.Now - SpentTokens.Retention)
            .OrderBy(spent => spent.EndsAt).Take(BatchSize).ExecuteDeleteAsync(token),
        ct);

    private async Task RemoveExcessiveAsync(CancellationToken ct)
    {
        var excess = await provider.ReadAsync((db, token) => db.FailureCounts.CountAsync(token), ct) - MaxFailureCounts;
        for (; excess > 0; excess -= BatchSize)
        {
            var batch = Math.Min(excess, BatchSize);
            await runner.RunAsync(
                (transaction, token) => transaction.Db.FailureCounts
                    .OrderBy(count => count.LastAt).Take(batch).ExecuteDeleteAsync(token),
                ct);
        }
    }
}
