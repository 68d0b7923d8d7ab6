namespace AuthServer.Tokens;

/// <summary>The section <c>Tokens</c>: what access tokens say and how long they live.</summary>
internal sealed class TokenOptions
{
    /// <summary>The claim <c>iss</c>.</summary>
    public string Issuer { get; set; } = "http://localhost:5080";

    /// <summary>The claim <c>aud</c>.</summary>
    public string Audience { get; set; } = "authserver";

    /// <summary>The claim <c>client_id</c>.</summary>
    public string ClientId { get; set; } = "authserver";

    /// <summary>The signature: <c>HS256</c>.</summary>
    public string Algorithm { get; set; } = "HS256";

    /// <summary>Life of an access token. Whole seconds, 2 to 300; 20 unless set.</summary>
    public TimeSpan AccessLifetime { get; set; } = TimeSpan.FromSeconds(20);
}
