namespace AuthServer.Storage;

/// <summary>
/// Timeouts of one piece of work in the database. Deliberately not <c>TimeProvider</c>'s: a network does not wait.
/// </summary>
/// <param name="Entry">Longest wait for one of the transactions that may write at the same time.</param>
/// <param name="Work">Time for the work up to its commit, the wait included; then it is cancelled, with nothing changed.</param>
/// <param name="Commit">Time for the commit; then its outcome is unknown.</param>
internal sealed record StorageTimeouts(TimeSpan Entry, TimeSpan Work, TimeSpan Commit)
{
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
