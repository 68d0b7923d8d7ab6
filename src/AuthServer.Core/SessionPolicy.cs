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

    /// <summary>How long after a rotation the token before it still gets the same successor again; zero for never.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

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
