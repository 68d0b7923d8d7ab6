namespace AuthServer.Client;

/// <summary>One login of the user on one device. Times are by the server's clock.</summary>
public sealed class DeviceSession
{
    /// <summary>The session's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The name that the user gave the device; null for none.</summary>
    public string? DeviceName { get; init; }

    /// <summary>The program of the login or the last refresh.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The address of the login or the last refresh.</summary>
    public string? IpAddress { get; init; }

    /// <summary>The moment of the login.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The moment of the last refresh, or of the login.</summary>
    public required DateTimeOffset LastUsedAt { get; init; }

    /// <summary>The moment at which the session ends if it stays idle.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>True if it is the session of this client.</summary>
    public required bool Current { get; init; }

    /// <summary>The methods of the login, such as <c>pwd</c>. Source: RFC 8176.</summary>
    public IReadOnlyList<string> Amr { get; init; } = [];

    /// <summary>The moment at which the session ended; null while it is alive.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The reason of its end, such as <c>logout</c> or <c>revoked</c>; null while it is alive.</summary>
    public string? EndReason { get; init; }
}
