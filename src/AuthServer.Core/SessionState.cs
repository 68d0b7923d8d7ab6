namespace AuthServer.Core;

/// <summary>The facts of a session that a refresh is decided by.</summary>
public readonly record struct SessionState
{
    /// <summary>The generation <c>c</c>: that of the newest refresh token the store knows of.</summary>
    public required uint Generation { get; init; }

    /// <summary>
    /// The generation <c>q</c>: the newest one that a request has ever presented, less than <see cref="Generation"/>. Null until
    /// the first refresh.
    /// </summary>
    public uint? NewestPresented { get; init; }

    /// <summary>The moment of the login.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The moment of the last rotation; that of the login until there is one.</summary>
    public required DateTimeOffset RotatedAt { get; init; }

    /// <summary>The reason of the session's end; null while it lives.</summary>
    public EndReason? EndReason { get; init; }

    /// <summary>True if the account is disabled.</summary>
    public bool UserDisabled { get; init; }
}
