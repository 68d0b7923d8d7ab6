namespace AuthServer.Client;

/// <summary>An access token in memory, and for how long it is worth sending.</summary>
internal sealed class AccessToken
{
    private readonly long sentAt;
    private readonly TimeSpan use;
    private volatile bool isRefused;

    /// <param name="pair">What the server returned.</param>
    /// <param name="sentAt">The timestamp from before the request was sent: the token can't be older than that.</param>
    public AccessToken(TokenPair pair, long sentAt)
    {
        Value = pair.AccessToken;
        SessionId = pair.SessionId;
        this.sentAt = sentAt;
        use = UseOf(TimeSpan.FromSeconds(pair.ExpiresIn));
    }

    public string Value { get; }

    public Guid SessionId { get; }

    /// <summary>Sends the token no more: the server has refused it.</summary>
    public void Refuse() => isRefused = true;

    public bool IsFresh(TimeProvider clock) => !isRefused && clock.GetElapsedTime(sentAt) < use;

    /// <summary>Names the session alone.</summary>
    public override string ToString() => $"access token of session {SessionId}";

    // A second, for the life is counted from a whole second that may have begun just before; and what the way to the server takes:
    // another second of twenty, less of a shorter life.
    private static TimeSpan UseOf(TimeSpan life)
    {
        var travel = life / 20;
        return life - TimeSpan.FromSeconds(1) - (travel < TimeSpan.FromSeconds(1) ? travel : TimeSpan.FromSeconds(1));
    }
}
