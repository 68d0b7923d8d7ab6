using System.Threading.Channels;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>
/// Counts failed attempts to prove an identity. It writes apart from the answers, whose time would disclose what was counted.
/// Attempts of this node that are not decided yet count as failures, so that many at once don't exceed a limit. Safe to share.
/// </summary>
internal sealed class FailureCounter(
    TransactionRunner runner, IStorageProvider provider, TimeProvider clock, ILogger<FailureCounter> log) : BackgroundService
{
    private const int MaxBatch = 64;

    // Buckets in memory, most of which wait for a database that can't be written to.
    private const int Capacity = 8192;

    // Deliberately not of TimeProvider: a database does not wait.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock sync = new();
    private readonly Dictionary<Guid, FailureTally> tallies = [];

    // Each bucket is in the queue once at most.
    private readonly Channel<Guid> queue = Channel.CreateUnbounded<Guid>(new() { SingleReader = true });

    /// <summary>Number of buckets whose changes are not written yet.</summary>
    public int Waiting
    {
        get
        {
            lock (sync)
            {
                return tallies.Values.Count(tally => tally.IsChanged);
            }
        }
    }

    /// <summary>Number of buckets in memory.</summary>
    public int Count
    {
        get
        {
            lock (sync)
            {
                return tallies.Count;
            }
        }
    }

    /// <summary>Reads buckets, and begins an attempt in those of them that are chosen by their failures.</summary>
    /// <param name="keys">The buckets to read.</param>
    /// <param name="choose">
    /// Chooses buckets for the attempt, given all in the order of <paramref name="keys"/>. The first one is the caller's own.
    /// Null for no attempt.
    /// </param>
    /// <param name="ct">Cancels the query.</param>
    /// <returns>The attempt, which the caller disposes of; null if there is none.</returns>
    /// <exception cref="UnavailableException">The database can't be read.</exception>
    public async Task<FailureAttempt?> BeginAsync(
        IReadOnlyList<FailureKey> keys,
        Func<IReadOnlyList<FailureBucket>, IReadOnlyList<FailureKey>?> choose,
        CancellationToken ct)
    {
        var ids = keys.Select(key => key.Id).ToList();
        var marks = Use(keys);
        try
        {
            var rows = await provider.ReadAsync(
                (db, token) => db.FailureCounts.AsNoTracking().Where(count => ids.Contains(count.Id))
                    .ToDictionaryAsync(count => count.Id, count => new FailureBucket(count.EmptyAt, count.LastAt), token),
                ct);
            lock (sync)
            {
                var buckets = ids.Zip(marks, (id, mark) => tallies[id].BucketOf(rows.GetValueOrDefault(id), mark));
                return choose([.. buckets]) is { } chosen ? Begin(chosen, rows.ContainsKey(chosen[0].Id)) : null;
            }
        }
        finally
        {
            lock (sync)
            {
                ids.ForEach(Release);
            }
        }
    }

    /// <summary>Ends an attempt.</summary>
    public void End(FailureAttempt attempt, AttemptResult result)
    {
        var now = clock.GetUtcNow();
        lock (sync)
        {
            foreach (var key in attempt.Keys)
            {
                var tally = tallies[key.Id];
                tally.End();
                if (result == AttemptResult.Failed)
                {
                    tally.Add(now);
                    Enqueue(key.Id, tally);
                }
                else if (result == AttemptResult.Succeeded && key == attempt.Keys[0] && tally.TryReset(attempt.HadRow))
                {
                    Enqueue(key.Id, tally);
                }

                Release(key.Id);
            }
        }
    }

    /// <summary>Writes what waits, and no more.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        if (this.NeverRan())
        {
            await ExecuteAsync(cancellationToken);
        }
    }

    // A stop completes the queue, and what waits in it is written first.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var batch = TakeBatch();
            if (batch.Count == 0 || await TryWriteAsync(batch) is null)
            {
                continue;
            }

            // Each by itself, so that a locked row keeps no other from being written.
            var failed = false;
            foreach (var change in batch)
            {
                if (await TryWriteAsync([change]) is { } exception)
                {
                    failed = true;
                    TakeBack(change, exception);
                }
            }

            if (failed)
            {
                await Task.Delay(RetryAfter, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private List<(int Written, int Resets)> Use(IReadOnlyList<FailureKey> keys)
    {
        lock (sync)
        {
            return [.. keys.Select(key => Use(key).Mark)];
        }
    }

    private FailureTally Use(FailureKey key)
    {
        if (!tallies.TryGetValue(key.Id, out var tally))
        {
            tallies[key.Id] = tally = new FailureTally(key);
        }

        tally.Users++;
        return tally;
    }

    private void Release(Guid id)
    {
        var tally = tallies[id];
        tally.Users--;
        RemoveIfIdle(id, tally);
    }

    private void RemoveIfIdle(Guid id, FailureTally tally)
    {
        if (tally.IsIdle)
        {
            tallies.Remove(id);
        }
    }

    private FailureAttempt Begin(IReadOnlyList<FailureKey> chosen, bool hadRow)
    {
        var now = clock.GetUtcNow();
        foreach (var key in chosen)
        {
            Use(key).Begin(now);
        }

        return new FailureAttempt(this, chosen, hadRow);
    }

    private void Enqueue(Guid id, FailureTally tally) =>
        tally.IsQueued = tally.IsQueued || queue.Writer.TryWrite(id);

    // In the order of their ids, so that two nodes never wait for each other's rows.
    private List<FailureChange> TakeBatch()
    {
        var batch = new List<FailureChange>();
        lock (sync)
        {
            while (batch.Count < MaxBatch && queue.Reader.TryRead(out var id))
            {
                if (tallies[id].Take() is { } change)
                {
                    batch.Add(change);
                }
            }
        }

        batch.Sort((one, other) => one.Key.Id.CompareTo(other.Key.Id));
        return batch;
    }

    private async Task<Exception?> TryWriteAsync(List<FailureChange> batch)
    {
        try
        {
            await runner.RunAsync(
                async (transaction, token) =>
                {
                    foreach (var change in batch)
                    {
                        await change.WriteAsync(transaction.Db, token);
                    }
                },
                isBatch: false,
                CancellationToken.None);
        }
#pragma warning disable CA1031 // No caller waits for it, and the worker goes on with the next changes.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }

        lock (sync)
        {
            foreach (var id in batch.Select(change => change.Key.Id))
            {
                tallies[id].Wrote();
                RemoveIfIdle(id, tallies[id]);
            }
        }

        return null;
    }

    // It still counts on this node, and is written again after a pause, unless the server stops or too much waits.
    private void TakeBack(FailureChange change, Exception exception)
    {
        var id = change.Key.Id;
        bool isLost;
        lock (sync)
        {
            var tally = tallies[id];
            tally.TakeBack();
            if (tallies.Count < Capacity)
            {
                Enqueue(id, tally);
            }

            isLost = !tally.IsQueued;
            if (isLost)
            {
                tally.Drop();
                RemoveIfIdle(id, tally);
            }
        }

        if (isLost)
        {
            log.FailuresNotCounted(change.Failures, exception);
        }
    }
}
