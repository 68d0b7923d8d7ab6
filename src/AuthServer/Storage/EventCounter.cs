using System.Threading.Channels;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// Counts events apart from the answers to their requests: the time of an answer would disclose whether an account exists. Events
/// are added up in memory and written once a second, so a flood is a few rows a second. Safe to share.
/// </summary>
internal sealed class EventCounter(TransactionRunner runner, SecurityEventLog lines, TimeProvider clock)
    : BackgroundService, IEventCounter
{
    // Rows that may wait, which takes a database that does not answer.
    private const int Capacity = 8192;

    // Then the database is taken to be away, and a failure for each row would keep the next rows waiting.
    private const int MostFailures = 3;

    // Deliberately not TimeProvider: it limits the load of the database.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> arrivals = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock sync = new();
    private readonly EventRowLimit limit = new();
    private Dictionary<EventKey, EventRow> waiting = [];
    private Dictionary<EventKind, int> dropped = [];

    /// <inheritdoc/>
    public void Count(SecurityEvent one)
    {
        lines.WriteLimited(one);
        lock (sync)
        {
            Add(one, limit.Choose(one, clock.GetUtcNow()));
        }

        arrivals.Writer.TryWrite(true);
    }

    /// <summary>Writes what waits, and no more.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        arrivals.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        if (this.NeverRan())
        {
            await ExecuteAsync(cancellationToken);
        }
    }

    // A stop ends the pause, and what waits is written first.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await arrivals.Reader.WaitToReadAsync(CancellationToken.None))
        {
            arrivals.Reader.TryRead(out _);
            await WriteWaitingAsync();
            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await WriteWaitingAsync();
    }

    private void Add(SecurityEvent one, EventKey key)
    {
        if (waiting.TryGetValue(key, out var row))
        {
            row.Count++;
        }
        else if (waiting.Count < Capacity)
        {
            row = new EventRow { Kind = key.Kind, At = key.Minute, UserId = key.UserId, Network = key.Network };
            waiting.Add(key, row);
        }
        else
        {
            dropped[key.Kind] = dropped.GetValueOrDefault(key.Kind) + 1;
            return;
        }

        // The user agent is the caller's text, of which a flood would fill the disk.
        row.IpAddress = one.Client?.IpAddress;
        row.UserAgent = key.Network is null ? one.Client?.UserAgent : null;
    }

    private async Task WriteWaitingAsync()
    {
        Dictionary<EventKey, EventRow> rows;
        Dictionary<EventKind, int> lost;
        lock (sync)
        {
            (rows, waiting) = (waiting, []);
            (lost, dropped) = (dropped, []);
        }

        foreach (var (kind, count) in lost)
        {
            lines.WriteNotCounted(kind, count, new UnavailableException("Too many events wait to be counted."));
        }

        if (rows.Count > 0 && await TryWriteAsync([.. rows.Values]) is not null)
        {
            await WriteEachAsync([.. rows.Values]);
        }
    }

    // One after the other, so that a locked row costs no other its count.
    private async Task WriteEachAsync(List<EventRow> rows)
    {
        Exception? failure = null;
        var failures = 0;
        var lost = new Dictionary<EventKind, (int Count, Exception? Failure)>();
        foreach (var row in rows)
        {
            if (failures < MostFailures)
            {
                failure = await TryWriteAsync([row]);
                failures = failure is null ? 0 : failures + 1;
            }

            if (failures > 0)
            {
                lost[row.Kind] = (lost.GetValueOrDefault(row.Kind).Count + row.Count, failure);
            }
        }

        foreach (var (kind, (count, exception)) in lost)
        {
            lines.WriteNotCounted(kind, count, exception);
        }
    }

    private async Task<Exception?> TryWriteAsync(List<EventRow> rows)
    {
        try
        {
            await runner.RunAsync(
                (transaction, _) =>
                {
                    rows.ForEach(transaction.Count);
                    return Task.CompletedTask;
                },
                isBatch: false,
                CancellationToken.None);
            return null;
        }
#pragma warning disable CA1031 // No caller waits for it, and the worker goes on with the next events.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
    }
}
