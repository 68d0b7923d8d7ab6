namespace AuthServer.Benchmarks.Load;

/// <summary>The requests of a server. A request that the server does not support is null.</summary>
internal sealed record PeerApi
{
    /// <summary>A GET with status 200 once the server is ready.</summary>
    public required RequestTemplate Ready { get; init; }

    /// <summary>Creates an account, given its user name.</summary>
    public Func<string, RequestTemplate>? Register { get; init; }

    /// <summary>Logs in, given the user name.</summary>
    public Func<string, RequestTemplate>? Login { get; init; }

    /// <summary>Exchanges the refresh token for new tokens.</summary>
    public RequestTemplate? Refresh { get; init; }

    /// <summary>Calls a private route with the access token.</summary>
    public RequestTemplate? Private { get; init; }

    /// <summary>Name of the response member with the access token, quotes included.</summary>
    public byte[] AccessTokenMember { get; init; } = "\"accessToken\""u8.ToArray();

    /// <summary>Name of the response member with the refresh token, quotes included.</summary>
    public byte[] RefreshTokenMember { get; init; } = "\"refreshToken\""u8.ToArray();

    /// <summary>
    /// Name of the cookie that takes the place of the access token, with the equals sign; null if there is none.
    /// </summary>
    public byte[]? SessionCookie { get; init; }

    /// <summary>Age at which a client renews its access token; null if the token outlives a round.</summary>
    public TimeSpan? AccessTokenRenewalAge { get; init; }
}
