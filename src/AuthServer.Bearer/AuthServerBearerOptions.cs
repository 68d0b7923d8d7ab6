namespace AuthServer.Bearer;

/// <summary>The access tokens that a program accepts.</summary>
public sealed class AuthServerBearerOptions
{
    /// <summary>
    /// The address of the server, from which the public keys are fetched. Null if the program registers its own <see
    /// cref="IAccessTokenKeys"/>.
    /// </summary>
    public string? Authority { get; set; }

    /// <summary>
    /// True if a server on another machine must have an address with <c>https</c>. Keys that come without TLS can be replaced on
    /// their way.
    /// </summary>
    public bool RequireHttps { get; set; } = true;

    /// <summary>
    /// The claim <c>iss</c>, compared character by character: the server's <c>Tokens:Issuer</c>. Unless set, it is <see
    /// cref="Authority"/> without a slash at its end.
    /// </summary>
    public string Issuer { get; set; } = "";

    /// <summary>The claim <c>aud</c>, compared character by character: the server's <c>Tokens:Audience</c>.</summary>
    public string Audience { get; set; } = "authserver";

    /// <summary>
    /// The algorithms of signatures that are accepted, by their names of RFC 7518 §3.1; ES256 and RS256 unless set.
    /// </summary>
    public IReadOnlyList<string> Algorithms { get; set; } = ["ES256", "RS256"];

    /// <summary>The credentials with which the program hears of ended sessions. Without them it does not.</summary>
    public EndedSessionOptions EndedSessions { get; } = new();

    /// <summary>Sends the requests to the server; for tests. Null for the network.</summary>
    public HttpMessageHandler? BackchannelHandler { get; set; }

    /// <summary>
    /// Longest life of an access token: the server's <c>Tokens:AccessLifetime</c>, 20 seconds unless set. An older token is
    /// refused, whatever its <c>exp</c>.
    /// </summary>
    public TimeSpan AccessLifetime { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>The credentials of a back end, which the command <c>resources add</c> makes.</summary>
public sealed class EndedSessionOptions
{
    /// <summary>The name of the back end.</summary>
    public string? ClientId { get; set; }

    /// <summary>Its secret.</summary>
    public string? ClientSecret { get; set; }
}
