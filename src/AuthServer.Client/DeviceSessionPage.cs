namespace AuthServer.Client;

/// <summary>A page of the user's sessions.</summary>
public sealed class DeviceSessionPage
{
    /// <summary>The sessions of the page: live ones, newest use first, then ended ones, latest end first.</summary>
    public required IReadOnlyList<DeviceSession> Sessions { get; init; }

    /// <summary>Number of sessions on all pages.</summary>
    public required int Total { get; init; }

    /// <summary>The <c>after</c> of the next page; null on the last one.</summary>
    public string? Next { get; init; }
}
