namespace AuthServer.Storage;

/// <summary>Wakes the sender of mails when a transaction of this node has written one. Safe to share.</summary>
internal sealed class MailSignal
{
    private TaskCompletionSource next = Create();

    /// <summary>Completes when a mail is written after this was read.</summary>
    public Task Next => Volatile.Read(ref next).Task;

    /// <summary>Completes <see cref="Next"/>.</summary>
    public void Set() => Interlocked.Exchange(ref next, Create()).TrySetResult();

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
