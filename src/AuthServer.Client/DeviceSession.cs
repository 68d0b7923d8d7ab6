namespace AuthServer.Client;

/// <summary>One login of the user on one device.</summary>
public sealed class DeviceSession
{
    /// <summary>The session's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>What the user called the device; null where it has no name.</summary>
    public string? DeviceName { get; init; }

    /// <summary>The program of the login or the last refresh.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The address of the login or the last refresh.</summary>
    public string? IpAddress { get; init; }

    /// <summary>The login.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last refresh, or the login.</summary>
    public required DateTimeOffset LastUsedAt { get; init; }

    /// <summary>The session's end if it stays idle.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whether it is the session of this client.</summary>
    public required bool Current { get; init; }

    /// <summary>When it ended; null while it lives.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it ended, such as <c>logout</c> or <c>revoked</c>; null while it lives.</summary>
    public string? EndReason { get; init; }
}
