using System.Collections.Concurrent;
using System.Diagnostics;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Credentials;

/// <summary>
/// Where passwords are hashed: one thread of its own per core, behind all others in the scheduler, and a bounded queue before
/// them, so that logins neither starve the rest of the server nor pile up. Safe to share.
/// </summary>
internal sealed class PasswordHashQueue : IDisposable
{
    /// <summary>Hashes that may wait for one core: some seconds' worth at the default work factor.</summary>
    public const int QueuePerCore = 64;

    private readonly BlockingCollection<Action> queue = new(Environment.ProcessorCount * QueuePerCore);

    private readonly AuthMeter meter;
    private readonly TimeProvider clock;
    private readonly Thread[] threads;

    public PasswordHashQueue(AuthMeter meter, TimeProvider clock)
    {
        (this.meter, this.clock) = (meter, clock);
        threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ =>
            new Thread(Work) { IsBackground = true, Name = "Hashing" })];
        Array.ForEach(threads, thread => thread.Start());
    }

    /// <summary>Passwords that wait for their turn.</summary>
    public int Waiting => queue.Count;

    /// <summary>Runs <paramref name="hash"/> in turn. A caller who is gone when the turn comes costs nothing.</summary>
    /// <exception cref="UnavailableException">Too many are waiting.</exception>
    public Task<T> RunAsync<T>(Func<T> hash, CancellationToken ct)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (queuedAt, request) = (clock.GetTimestamp(), Activity.Current?.Context ?? default);
        var queued = queue.TryAdd(() =>
        {
            if (ct.IsCancellationRequested)
            {
                answer.SetCanceled(ct);
                return;
            }

            try
            {
                answer.SetResult(Measure(hash, queuedAt, request));
            }
#pragma warning disable CA1031 // It is the caller's, and the thread has to go on for the next one.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                answer.SetException(exception);
            }
        });
        return queued ? answer.Task : throw new UnavailableException("Too many passwords are waiting to be hashed.");
    }

    /// <summary>Answers those that wait and ends the threads.</summary>
    public void Dispose()
    {
        queue.CompleteAdding();
        Array.ForEach(threads, thread => thread.Join());
        queue.Dispose();
    }

    private T Measure<T>(Func<T> hash, long queuedAt, ActivityContext request)
    {
        using var span = Spans.StartHash(request);
        var begun = clock.GetTimestamp();
        var result = hash();
        meter.PasswordHashed(clock.GetElapsedTime(queuedAt, begun), clock.GetElapsedTime(begun));
        return result;
    }

    private void Work()
    {
        LowPriority.TakeForThisThread();
        foreach (var hash in queue.GetConsumingEnumerable())
        {
            hash();
        }
    }
}
