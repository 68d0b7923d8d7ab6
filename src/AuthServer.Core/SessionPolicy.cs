namespace AuthServer.Core;

/// <summary>Behavior of a login when every allowed session of its user is in use.</summary>
public enum WhenFull
{
    /// <summary>The oldest sessions end, the login succeeds.</summary>
    Displace,

    /// <summary>The login is refused with <see cref="ErrorCode.TooManySessions"/>.</summary>
    Refuse,
}

/// <summary>Lifetimes of sessions, and their number per user. Immutable and safe to share.</summary>
public sealed record SessionPolicy
{
    private static readonly TimeSpan LongestUseInterval = TimeSpan.FromMinutes(5);

    /// <summary>Lifetime of a session that is not refreshed, from its last rotation.</summary>
    public TimeSpan IdleLifetime { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Lifetime of a session however often it is refreshed, from its login.</summary>
    public TimeSpan AbsoluteLifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Time after a rotation within which a retry gets the same successor again; zero takes no retries at all.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// True if a retry after the grace gets a new successor, provided that its token is the newest ever presented. False to take
    /// it for reuse. Without effect if <see cref="Grace"/> is zero.
    /// </summary>
    public bool LateRetries { get; init; } = true;

    /// <summary>True if late retries are on, and not switched off by a <see cref="Grace"/> of zero.</summary>
    public bool TakesLateRetries => LateRetries && Grace > TimeSpan.Zero;

    /// <summary>Maximum number of live sessions of a user; 0 for no limit.</summary>
    public int MaxPerUser { get; init; } = 100;

    /// <summary>Behavior of a login beyond <see cref="MaxPerUser"/>.</summary>
    public WhenFull WhenFull { get; init; }

    /// <summary>
    /// Minimum time between two uses of a session cookie that are written: 5 minutes. It is less if sessions may idle for so
    /// short a time that one in use would expire.
    /// </summary>
    public TimeSpan UseInterval => IdleLifetime / 4 < LongestUseInterval ? IdleLifetime / 4 : LongestUseInterval;

    /// <summary>The moment from which a session is expired unless it is refreshed before: its idle or absolute end.</summary>
    /// <param name="createdAt">The moment of the login.</param>
    /// <param name="rotatedAt">The moment of the last rotation.</param>
    public DateTimeOffset ExpiryOf(DateTimeOffset createdAt, DateTimeOffset rotatedAt)
    {
        var idleEnd = rotatedAt + IdleLifetime;
        var absoluteEnd = createdAt + AbsoluteLifetime;
        return idleEnd < absoluteEnd ? idleEnd : absoluteEnd;
    }
}
