
namespace AuthServer.Storage;

/// <summary>
/// Work that waits in <see cref="SessionCommandQueue"/>. It may be applied more than once before it is written, so applying it
/// changes the transaction and nothing else.
/// </summary>
/// <param name="queuedAt">The moment when it was queued, as a timestamp of the clock.</param>
internal abstract class SessionCommand(long queuedAt)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Withdrawn = 2;

    private int state = Waiting;

    /// <summary>The session of the command.</summary>
    public abstract Guid SessionId { get; }

    /// <summary>The moment when it was queued, as a timestamp of the clock.</summary>
    public long QueuedAt => queuedAt;

    /// <summary>Takes the command into a batch. False if its caller has withdrawn it.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref state, Taken, Waiting) == Waiting;

    /// <summary>Withdraws the command, which then changes nothing. False if a batch has taken it.</summary>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref state, Withdrawn, Waiting) == Waiting;

    /// <summary>Decides on the session as the commands before it left it, and changes it.</summary>
    public abstract void Apply(WriteTransaction transaction, LoadedSession? session);

    /// <summary>Completes the command once its decision is durable. Never throws.</summary>
    public abstract void Answer();

    /// <summary>Completes the command with an error. Never throws.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Makes a command that has failed wait again. Called while it is in no queue.</summary>
    public virtual void Renew() => state = Waiting;
}

/// <summary>A command with a result that a caller waits for.</summary>
internal abstract class SessionCommand<T>(long queuedAt) : SessionCommand(queuedAt)
{
    // Continuations run on another thread. The framework handles the next request of a connection in them, and the rest of the
    // batch would wait for it.
    private TaskCompletionSource<T> answer = NewAnswer();

    public Task<T> Answered => answer.Task;

    /// <summary>The result, set by <see cref="SessionCommand.Apply"/>.</summary>
    protected T Result { get; set; } = default!;

    public sealed override void Answer()
    {
        try
        {
            Report();
        }
#pragma warning disable CA1031 // The decision is durable even if the log fails, and the log is what failed.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        answer.TrySetResult(Result);
    }

    public override void Fail(Exception exception) => answer.TrySetException(exception);

    public sealed override void Renew()
    {
        answer = NewAnswer();
        base.Renew();
    }

    /// <summary>Logs the durable result as far as the log should have it.</summary>
    protected virtual void Report()
    {
    }

    private static TaskCompletionSource<T> NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
