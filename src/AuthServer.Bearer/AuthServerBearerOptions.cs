namespace AuthServer.Bearer;

/// <summary>The access tokens that a program accepts.</summary>
public sealed class AuthServerBearerOptions
{
    /// <summary>The claim <c>iss</c>, compared character by character: the server's <c>Tokens:Issuer</c>. Required.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>The claim <c>aud</c>, compared character by character: the server's <c>Tokens:Audience</c>.</summary>
    public string Audience { get; set; } = "authserver";

    /// <summary>The algorithms of signatures that are accepted, by their names of RFC 7518 §3.1; HS256 unless set.</summary>
    public IReadOnlyList<string> Algorithms { get; set; } = ["HS256"];

    /// <summary>
    /// Longest life of an access token: the server's <c>Tokens:AccessLifetime</c>, 20 seconds unless set. An older token is
    /// refused, whatever its <c>exp</c>.
    /// </summary>
    public TimeSpan AccessLifetime { get; set; } = TimeSpan.FromSeconds(20);
}
