namespace AuthServer.Client;

/// <summary>Settings of the client. Checked when the client is first resolved.</summary>
public sealed class AuthServerClientOptions
{
    /// <summary>
    /// The server's address, absolute, http or https, with a path if the server is mounted below one. Required. Requests to its
    /// origin get the access token.
    /// </summary>
    public Uri? ServerAddress { get; set; }

    /// <summary>
    /// Other origins whose requests get the access token, such as <c>https://api.example.com</c>. Only scheme, host and port
    /// count. Requests to any other origin pass the handler unchanged.
    /// </summary>
    public IList<Uri> Origins { get; } = [];
}
