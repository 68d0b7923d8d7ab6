namespace AuthServer.Client;

/// <summary>An access token in memory, with the period in which it can be sent. Prints no token.</summary>
internal sealed class AccessToken
{
    private readonly Moment sentAt;
    private readonly TimeSpan usableFor;
    private volatile bool isRefused;

    /// <param name="pair">The server's answer.</param>
    /// <param name="sentAt">The moment before the request was sent: the token can't be older than that.</param>
    public AccessToken(TokenPair pair, Moment sentAt)
    {
        Value = pair.AccessToken;
        SessionId = pair.SessionId;
        this.sentAt = sentAt;
        usableFor = UsablePartOf(TimeSpan.FromSeconds(pair.ExpiresIn));
    }

    public string Value { get; }

    public Guid SessionId { get; }

    /// <summary>Marks the token as refused by the server: it is not sent again.</summary>
    public void Refuse() => isRefused = true;

    public bool IsFresh(TimeProvider clock) => !isRefused && sentAt.ElapsedOn(clock) < usableFor;

    /// <summary>Names the session alone.</summary>
    public override string ToString() => $"access token of session {SessionId}";

    // The lifetime is counted from a whole second, which may have begun almost a second before the request. The request that
    // carries the token takes time too: a second is left for it, or a twentieth of a shorter lifetime.
    private static TimeSpan UsablePartOf(TimeSpan lifetime)
    {
        var transit = lifetime / 20;
        return lifetime - TimeSpan.FromSeconds(1) - (transit < TimeSpan.FromSeconds(1) ? transit : TimeSpan.FromSeconds(1));
    }
}
