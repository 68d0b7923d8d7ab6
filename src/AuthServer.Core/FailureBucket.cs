namespace AuthServer.Core;

/// <summary>A limit of failed attempts, by one bucket.</summary>
/// <param name="Allowed">Number of failures that delay no attempt.</param>
/// <param name="Fade">Time after which one failure less counts.</param>
/// <param name="LongestDelay">Longest time between two attempts beyond the allowed number.</param>
public sealed record FailureLimit(int Allowed, TimeSpan Fade, TimeSpan LongestDelay);

/// <summary>
/// Failed attempts that fade with time, as two moments. Each failure moves <paramref name="EmptyAt"/> by the time in which one
/// fades, so no timer has to count down. The default value has none. Source: generic cell rate algorithm, ITU-T I.371 §A.
/// </summary>
/// <param name="EmptyAt">The moment from which all failures have faded.</param>
/// <param name="LastAt">The moment of the last failure.</param>
public readonly record struct FailureBucket(DateTimeOffset EmptyAt, DateTimeOffset LastAt)
{
    /// <summary>
    /// Time by which a last failure may be ahead of the clock, because the clocks of nodes differ. A bucket that is further ahead
    /// was written by a wrong clock, and is taken for empty.
    /// </summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);

    /// <summary>Number of failures that have not faded.</summary>
    public long CountAt(DateTimeOffset now, TimeSpan fade) =>
        EmptyAt <= now || IsAheadOf(now) ? 0 : ((EmptyAt - now).Ticks + fade.Ticks - 1) / fade.Ticks;

    /// <summary>Adds failures of one moment.</summary>
    public FailureBucket Add(int failures, DateTimeOffset at, TimeSpan fade) => failures == 0
        ? this
        : IsAheadOf(at) ? default(FailureBucket).Add(failures, at, fade)
        : new((EmptyAt > at ? EmptyAt : at) + (failures * fade), LastAt > at ? LastAt : at);

    /// <summary>
    /// Time until the next attempt may be made; zero if that is now. Once the allowed number is reached, the delay after the last
    /// failure is 1 second. It doubles with each further failure, up to the longest.
    /// </summary>
    public TimeSpan WaitAt(DateTimeOffset now, FailureLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        var beyond = CountAt(now, limit.Fade) - limit.Allowed;
        if (beyond < 0)
        {
            return TimeSpan.Zero;
        }

        var doubled = FirstDelay * Math.Pow(2, Math.Min(beyond, 30));
        var wait = LastAt + (doubled < limit.LongestDelay ? doubled : limit.LongestDelay) - now;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private bool IsAheadOf(DateTimeOffset now) => LastAt > now + ClockTolerance;
}
