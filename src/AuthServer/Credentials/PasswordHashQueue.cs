using System.Collections.Concurrent;
using System.Diagnostics;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Credentials;

/// <summary>
/// Hashes passwords on threads of its own, one per core and of low priority, behind a bounded queue. So logins neither starve the
/// rest of the server nor pile up. Safe to share.
/// </summary>
internal sealed class PasswordHashQueue : IDisposable
{
    /// <summary>Number of hashes that may wait for one core: some seconds at the default work factor.</summary>
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

    /// <summary>Number of passwords that wait.</summary>
    public int Waiting => queue.Count;

    /// <summary>Runs <paramref name="hash"/> in the order of arrival. It is skipped if its caller has gone.</summary>
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
#pragma warning disable CA1031 // The exception belongs to the caller, and the thread goes on with the next hash.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                answer.SetException(exception);
            }
        });
        return queued ? answer.Task : throw new UnavailableException("Too many passwords are waiting to be hashed.");
    }

    /// <summary>Completes the hashes that wait and ends the threads.</summary>
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
