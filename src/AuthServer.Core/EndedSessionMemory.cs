namespace AuthServer.Core;

/// <summary>How long an ended session has to be remembered so that none of its access tokens is accepted.</summary>
/// <param name="Duration">Time from the end of a session to the moment from which it may be forgotten.</param>
public sealed record EndedSessionMemory(TimeSpan Duration)
{
    /// <summary>
    /// Largest difference between a node's clock and the database's that a node works with. A token whose <c>iat</c> is further ahead
    /// than this seems to come from the future.
    /// </summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The memory for an access lifetime: that and twice <see cref="ClockTolerance"/>. The clock of the node that made a token may be
    /// ahead by the tolerance, and the clock of the node that ended its session behind by as much.
    /// </summary>
    public static EndedSessionMemory For(TimeSpan accessLifetime) => new(accessLifetime + (2 * ClockTolerance));
}
