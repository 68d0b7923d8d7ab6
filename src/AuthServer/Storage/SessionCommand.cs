
namespace AuthServer.Storage;

/// <summary>
/// Work that waits in <see cref="SessionCommandQueue"/>. It may be applied more than once before it is written, so applying it
/// changes the transaction and nothing else.
/// </summary>
internal abstract class SessionCommand
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Withdrawn = 2;

    private int state = Waiting;

    /// <summary>The session of the command; null if it has none.</summary>
    public virtual Guid? SessionId => null;

    /// <summary>The moment when it was queued, as a timestamp of the clock.</summary>
    public long QueuedAt { get; set; }

    /// <summary>Takes the command into a batch. False if its caller has withdrawn it.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref state, Taken, Waiting) == Waiting;

    /// <summary>Withdraws the command, which then changes nothing. False if a batch has taken it.</summary>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref state, Withdrawn, Waiting) == Waiting;

    /// <summary>Decides on the session as the commands before it left it, and changes it.</summary>
    public abstract void Apply(WriteTransaction transaction, LoadedSession? session);

    /// <summary>Completes the command once its decision is durable.</summary>
    public abstract void Answer();

    /// <summary>Completes the command with an error.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>A command with a result.</summary>
internal abstract class SessionCommand<T> : SessionCommand
{
    // Continuations run on another thread. The framework handles the next request of a connection in them, and the rest of the
    // batch would wait for it.
    private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T result = default!;

    public Task<T> Answered => answer.Task;

    public sealed override void Apply(WriteTransaction transaction, LoadedSession? session) =>
        result = Decide(transaction, session);

    public sealed override void Answer()
    {
        try
        {
            Report(result);
        }
        finally
        {
            // The decision is durable even if the log fails.
            answer.TrySetResult(result);
        }
    }

    public sealed override void Fail(Exception exception) => answer.TrySetException(exception);

    protected abstract T Decide(WriteTransaction transaction, LoadedSession? session);

    /// <summary>Logs a durable result as far as the log should have it.</summary>
    protected virtual void Report(T result)
    {
    }
}
