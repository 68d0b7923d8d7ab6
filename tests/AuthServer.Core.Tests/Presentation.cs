namespace AuthServer.Core.Tests;

/// <summary>One use of a refresh token: the request, the decision, and the knowledge of those outside the server.</summary>
internal sealed record Presentation
{
    /// <summary>Number of the step in its scenario.</summary>
    public required int Step { get; init; }

    public required DateTimeOffset At { get; init; }

    public required RefreshToken Token { get; init; }

    /// <summary>The token as it was sent.</summary>
    public required string Sent { get; init; }

    /// <summary>The session before; null if the store has lost even its login.</summary>
    public required SessionState? Before { get; init; }

    /// <summary>The decision; null if the store does not know the session.</summary>
    public required RotationDecision? Decision { get; init; }

    /// <summary>The token of the answer; null if the refresh was refused.</summary>
    public required string? Successor { get; init; }

    public required SessionState? After { get; init; }

    /// <summary>Number of times that the store has lost writes so far.</summary>
    public required int Losses { get; init; }

    /// <summary>True if the end of the session was acknowledged, and the store has not lost it since.</summary>
    public required bool WasOver { get; init; }

    /// <summary>True if the end of the session was acknowledged, and the store has lost it.</summary>
    public required bool WasBroughtBack { get; init; }

    /// <summary>
    /// True for the client itself if it has only used its newest token, or retried as allowed, and no thief has used a token.
    /// </summary>
    public bool ByInnocent { get; init; }

    /// <summary>
    /// True for the thief with a token that certainly has a used successor. It is older than the last one that the client has
    /// traded, or than the one that the client has used since. False if the store may have lost the client's newest token. False
    /// after a late retry of the thief, because the client's newest token may be skipped then.
    /// </summary>
    public bool ByPlainThief { get; init; }

    /// <summary>Time since the last rotation of the session.</summary>
    public TimeSpan? Age => At - Before?.RotatedAt;

    /// <summary>True if the token is a successor that was answered once and then skipped.</summary>
    public bool IsOfSkipped => Token.Generation > Before?.NewestPresented && Token.Generation < Before?.Generation;

    public override string ToString() =>
        $"Step {Step}: generation {Token.Generation} of {Before?.ToString() ?? "no session"}, "
        + $"rotated {Age} ago, got {Decision?.ToString() ?? "nothing"}"
        + (WasOver ? ", over" : "") + (ByInnocent ? ", innocent" : "") + (ByPlainThief ? ", thief" : "");
}
