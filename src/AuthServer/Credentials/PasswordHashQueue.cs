using System.Diagnostics;
using System.Net;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Credentials;

/// <summary>
/// Hashes passwords on threads of its own, one per core and of low priority. Before them is a queue for known devices, and one
/// for all other callers. If passwords wait in both, the queues alternate. Each is fair between networks, and bounded by the time
/// for which its last password would wait. So a flood of logins starves neither other requests nor the logins of other networks.
/// Estimates of strength have a queue of the same kind behind both, so they delay no login by more than one. Safe to share.
/// </summary>
internal sealed class PasswordHashQueue : IDisposable
{
    /// <summary>The longest wait of a password before it is hashed, or refused.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    // Of a hash, before the first ones are measured, and at least: it bounds the queues in memory.
    private static readonly TimeSpan FirstEstimate = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LeastEstimate = TimeSpan.FromMilliseconds(1);

    // Weight of the newest hash in the average is one of this number.
    private const int Averaged = 16;

    private readonly AuthMeter meter;
    private readonly TimeProvider clock;
    private readonly Thread[] threads;
    private readonly Lock access = new();
    private readonly SemaphoreSlim arrived = new(0);
    private readonly FairQueue<WaitingWork> knownDevices;
    private readonly FairQueue<WaitingWork> strangers;
    private readonly FairQueue<WaitingWork> estimates;
    private TimeSpan averageHash = FirstEstimate;
    private bool lastWasKnown;
    private bool isDisposed;
    private long refused;

    public PasswordHashQueue(AuthMeter meter, TimeProvider clock)
    {
        (this.meter, this.clock) = (meter, clock);
        (knownDevices, strangers, estimates) = (new(clock), new(clock), new(clock));
        threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ =>
            new Thread(RunAll) { IsBackground = true, Name = "Hashing" })];
        Array.ForEach(threads, thread => thread.Start());
    }

    /// <summary>Number of passwords that wait to be hashed.</summary>
    public int Waiting
    {
        get
        {
            lock (access)
            {
                return knownDevices.Count + strangers.Count;
            }
        }
    }

    /// <summary>Number of hashes that were refused because a queue was full, or because they had waited too long.</summary>
    public long Refused => Interlocked.Read(ref refused);

    // Of each queue: the number of passwords that all threads hash in the longest wait, and at least one for each thread.
    private int Capacity => Math.Max(1, (int)(LongestWait / averageHash)) * threads.Length;

    /// <summary>Runs <paramref name="hash"/> on a hashing thread. It is skipped if its caller has gone before.</summary>
    /// <exception cref="UnavailableException">Too many are waiting, or it has waited too long.</exception>
    public Task<T> RunAsync<T>(Func<T> hash, HashCaller caller, CancellationToken ct) =>
        RunAsync(hash, caller.IsKnownDevice ? knownDevices : strangers, caller.Network, ct);

    /// <summary>
    /// Runs <paramref name="estimate"/> on a hashing thread while no password waits to be hashed. It does not count as a hash.
    /// </summary>
    /// <exception cref="UnavailableException">Too many are waiting, or it has waited too long.</exception>
    public Task<T> EstimateAsync<T>(Func<T> estimate, HashCaller caller, CancellationToken ct) =>
        RunAsync(estimate, estimates, caller.Network, ct);

    /// <summary>Completes the hashes that wait and ends the threads.</summary>
    public void Dispose()
    {
        lock (access)
        {
            if (isDisposed)
            {
                return;
            }

            isDisposed = true;
            arrived.Release(threads.Length);
        }

        Array.ForEach(threads, thread => thread.Join());
        arrived.Dispose();
    }

    private async Task<T> RunAsync<T>(
        Func<T> work, FairQueue<WaitingWork> queue, IPNetwork network, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var result = default(T);
        var waiting = new WaitingWork(
            () => result = work(),
            queue,
            network,
            clock.GetTimestamp(),
            Activity.Current?.Context ?? default);
        Enqueue(waiting);
        await using var timeout = clock.CreateTimer(
            _ => Refuse(waiting, "A password has waited too long to be hashed."),
            state: null,
            LongestWait,
            Timeout.InfiniteTimeSpan);
        await using var cancellation = ct.UnsafeRegister(
            _ =>
            {
                if (TryRemove(waiting))
                {
                    waiting.Completion.SetCanceled(ct);
                }
            },
            state: null);
        await waiting.Completion.Task;
        return result!;
    }

    private void Enqueue(WaitingWork waiting)
    {
        WaitingWork? displaced = null;
        lock (access)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            waiting.Entry = waiting.Queue.Enqueue(waiting.Network, waiting);
            arrived.Release();
            if (waiting.Queue.Count > Capacity)
            {
                displaced = waiting.Queue.RemoveLast();
            }
        }

        if (displaced is not null)
        {
            Fail(displaced, "Too many passwords are waiting to be hashed.");
        }
    }

    private void Refuse(WaitingWork waiting, string reason)
    {
        if (TryRemove(waiting))
        {
            Fail(waiting, reason);
        }
    }

    private void Fail(WaitingWork waiting, string reason)
    {
        if (waiting.Queue != estimates)
        {
            Interlocked.Increment(ref refused);
        }

        waiting.Completion.SetException(new UnavailableException(reason));
    }

    private bool TryRemove(WaitingWork waiting)
    {
        lock (access)
        {
            return waiting.Queue.Remove(waiting.Entry!);
        }
    }

    private bool TryTakeNext(out WaitingWork? next)
    {
        lock (access)
        {
            var (first, second) = lastWasKnown ? (strangers, knownDevices) : (knownDevices, strangers);
            next = first.Dequeue() ?? second.Dequeue() ?? estimates.Dequeue();
            lastWasKnown = next?.Queue == knownDevices;
            return next is not null || !isDisposed;
        }
    }

    private void RunAll()
    {
        LowPriority.TakeForThisThread();
        do
        {
            arrived.Wait();
        }
        while (RunNext());
    }

    // False if there is nothing left to do. A password that was removed leaves a release of the semaphore behind.
    private bool RunNext()
    {
        if (!TryTakeNext(out var next))
        {
            return false;
        }

        if (next is not null)
        {
            Run(next);
        }

        return true;
    }

    private void Run(WaitingWork waiting)
    {
        try
        {
            if (waiting.Queue == estimates)
            {
                waiting.Work();
            }
            else
            {
                Hash(waiting);
            }

            waiting.Completion.SetResult();
        }
#pragma warning disable CA1031 // The exception belongs to the caller, and the thread goes on with the next hash.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            waiting.Completion.SetException(exception);
        }
    }

    private void Hash(WaitingWork waiting)
    {
        using var span = Spans.StartHash(waiting.Request);
        var begun = clock.GetTimestamp();
        waiting.Work();
        Measure(clock.GetElapsedTime(waiting.QueuedAt, begun), clock.GetElapsedTime(begun));
    }

    private void Measure(TimeSpan wait, TimeSpan hashing)
    {
        meter.PasswordHashed(wait, hashing);
        lock (access)
        {
            var average = averageHash + ((hashing - averageHash) / Averaged);
            averageHash = average < LeastEstimate ? LeastEstimate : average;
        }
    }

    private sealed class WaitingWork(
        Action work, FairQueue<WaitingWork> queue, IPNetwork network, long queuedAt, ActivityContext request)
    {
        public Action Work => work;

        public FairQueue<WaitingWork> Queue => queue;

        public IPNetwork Network => network;

        public long QueuedAt => queuedAt;

        public ActivityContext Request => request;

        // Null until it is in the queue.
        public FairQueue<WaitingWork>.Entry? Entry { get; set; }

        public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
