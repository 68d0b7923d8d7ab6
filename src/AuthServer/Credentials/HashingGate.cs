using System.Threading.Channels;
using AuthServer.Storage;

namespace AuthServer.Credentials;

/// <summary>
/// Where passwords are hashed: one thread of its own per core and a bounded queue before them, so that logins neither starve the
/// thread pool nor pile up. Safe to share.
/// </summary>
internal sealed class HashingGate : IDisposable
{
    /// <summary>Hashes that may wait for one core: some seconds' worth at the default work factor.</summary>
    public const int QueuePerCore = 64;

    private readonly Channel<Action> queue = Channel.CreateBounded<Action>(Environment.ProcessorCount * QueuePerCore);

    public HashingGate()
    {
        for (var core = 0; core < Environment.ProcessorCount; core++)
        {
            new Thread(Work) { IsBackground = true, Name = "Hashing", Priority = ThreadPriority.BelowNormal }.Start();
        }
    }

    /// <summary>Runs <paramref name="hash"/> in turn. A caller who is gone when the turn comes costs nothing.</summary>
    /// <exception cref="UnavailableException">Too many are waiting.</exception>
    public Task<T> RunAsync<T>(Func<T> hash, CancellationToken ct)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var queued = queue.Writer.TryWrite(() =>
        {
            if (ct.IsCancellationRequested)
            {
                answer.SetCanceled(ct);
                return;
            }

            try
            {
                answer.SetResult(hash());
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

    /// <summary>Lets the threads end once the queue is empty.</summary>
    public void Dispose() => queue.Writer.TryComplete();

    private void Work()
    {
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (queue.Reader.TryRead(out var hash))
            {
                hash();
            }
        }
    }
}
