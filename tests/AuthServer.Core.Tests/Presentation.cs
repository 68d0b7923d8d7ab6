namespace AuthServer.Core.Tests;

/// <summary>One use of a refresh token: what was asked, what came of it, and what those outside the server knew of it.</summary>
internal sealed record Presentation
{
    /// <summary>Number of the step in its scenario.</summary>
    public required int Step { get; init; }

    public required DateTimeOffset At { get; init; }

    public required RefreshToken Token { get; init; }

    /// <summary>The token as it was sent.</summary>
    public required string Sent { get; init; }

    /// <summary>The session before; null where the store has lost even its login.</summary>
    public required SessionState? Before { get; init; }

    /// <summary>What was decided; null where the store does not know the session.</summary>
    public required RotationDecision? Decision { get; init; }

    /// <summary>The token that was answered; null where it was refused.</summary>
    public required string? Successor { get; init; }

    public required SessionState? After { get; init; }

    /// <summary>Whether somebody was told that the session is over, and the store has not lost that since.</summary>
    public required bool WasOver { get; init; }

    /// <summary>Whether somebody was told that the session is over, but the store has lost it and so brought it back.</summary>
    public required bool WasBroughtBack { get; init; }

    /// <summary>
    /// Whether it is the client itself, which has only ever used its newest token or repeated it within grace, and no thief
    /// has used a token of this session.
    /// </summary>
    public bool ByInnocent { get; init; }

    /// <summary>
    /// Whether it is the thief with a token that the client has long since traded for a newer one: for the second newer one,
    /// or for one that it has had for longer than grace. Not said where the store may not know of that newer one.
    /// </summary>
    public bool ByPlainThief { get; init; }

    /// <summary>How long ago the session was rotated.</summary>
    public TimeSpan? Age => At - Before?.RotatedAt;

    public override string ToString() =>
        $"Step {Step}: generation {Token.Generation} of {Before?.ToString() ?? "no session"}, "
        + $"rotated {Age} ago, got {Decision?.ToString() ?? "nothing"}"
        + (WasOver ? ", over" : "") + (ByInnocent ? ", innocent" : "") + (ByPlainThief ? ", thief" : "");
}
