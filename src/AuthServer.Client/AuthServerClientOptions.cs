namespace AuthServer.Client;

/// <summary>What the client has to know. Checked when the client is first asked for.</summary>
public sealed class AuthServerClientOptions
{
    /// <summary>
    /// The server's address, absolute and http or https, with a path where the server lives under one. Required. Requests to its
    /// origin get the access token.
    /// </summary>
    public Uri? ServerAddress { get; set; }

    /// <summary>
    /// The other origins whose requests get the access token, such as <c>https://api.example.com</c>; only scheme, host and port
    /// count. Requests to anybody else pass the handler untouched, for a token is nobody else's business.
    /// </summary>
    public IList<Uri> Origins { get; } = [];

    /// <summary>
    /// The server's <c>Sessions:Grace</c>, 0 to 5 minutes; 30 seconds unless set. It bounds how long an unanswered refresh is
    /// repeated: after it the server takes a repeat for theft. With 0 nothing is repeated.
    /// </summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(30);
}
