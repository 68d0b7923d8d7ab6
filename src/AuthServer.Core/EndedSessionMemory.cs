namespace AuthServer.Core;

/// <summary>Time for which an ended session must be remembered, so that none of its access tokens is accepted.</summary>
/// <param name="Duration">Time from the end of a session to the moment from which it may be forgotten.</param>
public sealed record EndedSessionMemory(TimeSpan Duration)
{
    /// <summary>
    /// Maximum difference between the clocks of a node and of the database that a node works with. A token whose <c>iat</c> is
    /// further ahead than this is not accepted yet.
    /// </summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The memory for an access lifetime: that and twice <see cref="ClockTolerance"/>. The clock of the node that made a token
    /// may be ahead by the tolerance. The clock of the node that ended its session may be behind by as much.
    /// </summary>
    public static EndedSessionMemory For(TimeSpan accessLifetime) => new(accessLifetime + (2 * ClockTolerance));
}
