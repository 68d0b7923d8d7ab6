namespace AuthServer.Storage;

/// <summary>
/// Timeouts of one piece of work in the database. Deliberately not <c>TimeProvider</c>'s: a network does not wait.
/// </summary>
/// <param name="Entry">Longest wait for one of the transactions that may write at the same time.</param>
/// <param name="Work">Time for the work up to its commit, the wait included; then it is cancelled, with nothing changed.</param>
/// <param name="Commit">Time for the commit; then its outcome is unknown.</param>
internal sealed record StorageTimeouts(TimeSpan Entry, TimeSpan Work, TimeSpan Commit)
{
    /// <summary>The timeouts of a server over a network: a client is answered before it gives up.</summary>
    public static StorageTimeouts OfRequests { get; } =
        new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.8), TimeSpan.FromSeconds(1.2));

    /// <summary>The timeouts of a command over a network: an operator waits for work that takes long.</summary>
    public static StorageTimeouts OfCommands { get; } =
        new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30));

    /// <summary>Starts one of these times. Null, at no cost, if it is unlimited.</summary>
    /// <param name="time">The time.</param>
    /// <param name="ct">Cancels before that.</param>
    public static CancellationTokenSource? Start(TimeSpan time, CancellationToken ct)
    {
        if (time == Timeout.InfiniteTimeSpan)
        {
            return null;
        }

        var source = CancellationTokenSource.CreateLinkedTokenSource(ct);
        source.CancelAfter(time);
        return source;
    }
}
