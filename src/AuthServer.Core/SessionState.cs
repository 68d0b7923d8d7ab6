namespace AuthServer.Core;

/// <summary>What a decision needs to know of a session.</summary>
public readonly record struct SessionState
{
    /// <summary>The generation <c>c</c>: that of the newest refresh token the store knows of.</summary>
    public required uint Generation { get; init; }

    /// <summary>The login.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last rotation, or the login where there was none.</summary>
    public required DateTimeOffset RotatedAt { get; init; }

    /// <summary>Why the session ended; null while it lives.</summary>
    public EndReason? EndReason { get; init; }

    /// <summary>Whether the account was disabled.</summary>
    public bool UserDisabled { get; init; }
}
