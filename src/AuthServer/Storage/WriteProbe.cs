using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>
/// Tries a write that leaves nothing behind. Reads alone succeed on a full disk and on damaged pages. One write is tried at a
/// time, and none within a second of one that succeeded. Safe to share.
/// </summary>
internal sealed class WriteProbe(TransactionRunner runner, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock access = new();
    private Task? last;
    private long begunAt;

    /// <summary>Completes with the last write, or with a new one if that failed or began more than a second ago.</summary>
    /// <exception cref="UnavailableException">The database can't be written to.</exception>
    public Task WriteAsync(CancellationToken ct)
    {
        lock (access)
        {
            var isCurrent = last is { IsCompleted: false }
                || (last is { IsCompletedSuccessfully: true } && clock.GetElapsedTime(begunAt) < Interval);
            if (last is null || !isCurrent)
            {
                begunAt = clock.GetTimestamp();

                // On a thread of its own, because SQLite blocks the one that it is called on.
                last = Task.Run(
                    () => runner.RunAsync(
                        (transaction, token) => transaction.ProbeAsync(token), isBatch: false, CancellationToken.None),
                    CancellationToken.None);
            }

            return last.WaitAsync(ct);
        }
    }
}
