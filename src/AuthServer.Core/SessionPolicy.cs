namespace AuthServer.Core;

/// <summary>What a login does when every allowed session of its user is in use.</summary>
public enum WhenFull
{
    /// <summary>The oldest sessions end, the login succeeds.</summary>
    Displace,

    /// <summary>The login is refused with <see cref="ErrorCode.TooManySessions"/>.</summary>
    Refuse,
}

/// <summary>How long sessions live and how many of them a user may have. Immutable and safe to share.</summary>
public sealed record SessionPolicy
{
    /// <summary>Life of a session that is not refreshed, counted from its last rotation.</summary>
    public TimeSpan IdleLifetime { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Life of a session whatever it does, counted from its login.</summary>
    public TimeSpan AbsoluteLifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Time after a rotation within which a retry gets the same successor again; zero takes no retries at all.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// True if a retry after the grace gets a new successor, provided that its token is the newest ever presented; false to take it
    /// for reuse. Without effect if <see cref="Grace"/> is zero.
    /// </summary>
    public bool LateRetries { get; init; } = true;

    /// <summary>True if retries after the grace are taken: switched on, and not switched off by a grace of zero.</summary>
    public bool TakesLateRetries => LateRetries && Grace > TimeSpan.Zero;

    /// <summary>Live sessions a user may have; 0 for any number.</summary>
    public int MaxPerUser { get; init; }

    /// <summary>What a login beyond <see cref="MaxPerUser"/> does.</summary>
    public WhenFull WhenFull { get; init; }

    /// <summary>The moment from which a session is over if it is not refreshed before: its idle or its absolute end.</summary>
    public DateTimeOffset ExpiryOf(DateTimeOffset createdAt, DateTimeOffset rotatedAt)
    {
        var idleEnd = rotatedAt + IdleLifetime;
        var absoluteEnd = createdAt + AbsoluteLifetime;
        return idleEnd < absoluteEnd ? idleEnd : absoluteEnd;
    }
}
