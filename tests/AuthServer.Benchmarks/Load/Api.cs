namespace AuthServer.Benchmarks.Load;

/// <summary>How a server is asked. What it can't do is null.</summary>
internal sealed record Api
{
    /// <summary>A GET that is answered 200 once the server is ready.</summary>
    public required Template Ready { get; init; }

    /// <summary>Makes the account of a user name.</summary>
    public Func<string, Template>? Register { get; init; }

    /// <summary>Opens a session of a user name.</summary>
    public Func<string, Template>? Login { get; init; }

    /// <summary>Trades the refresh token.</summary>
    public Template? Refresh { get; init; }

    /// <summary>A private route, with the access token.</summary>
    public Template? Private { get; init; }

    /// <summary>The member of an answer that holds the access token, in its quotes.</summary>
    public byte[] AccessTokenMember { get; init; } = "\"accessToken\""u8.ToArray();

    /// <summary>The member of an answer that holds the refresh token, in its quotes.</summary>
    public byte[] RefreshTokenMember { get; init; } = "\"refreshToken\""u8.ToArray();

    /// <summary>How long an access token is used before the next one is asked for; null for as long as a round may take.</summary>
    public TimeSpan? AccessTokenUse { get; init; }
}
