namespace AuthServer.Client;

/// <summary>Decides which requests get the access token. Safe to share.</summary>
internal sealed class TokenDestinations
{
    // These requests produce tokens and take none. A refresh could even be refused for an access token of another session.
    private static readonly string[] TokenPaths = ["login", "refresh", "register"];

    private readonly Uri[] origins;
    private readonly Uri[] tokenEndpoints;

    public TokenDestinations(AuthServerClientOptions options)
    {
        var server = options.ServerAddress!;
        origins = [server, .. options.Origins];
        tokenEndpoints = [.. TokenPaths.Select(path => new Uri(ServerHttp.AsFolder(server), path))];
    }

    /// <summary>True if the request to this address gets the access token.</summary>
    public bool ShouldAttachToken(Uri? request) =>
        request is { IsAbsoluteUri: true }
        && origins.Any(origin => HaveSameOrigin(origin, request))
        && !tokenEndpoints.Any(endpoint => HaveSameOrigin(endpoint, request) && HaveSamePath(endpoint, request));

    // Hosts are compared by their ASCII form and byte by byte: σ.example and ς.example are two domains.
    private static bool HaveSameOrigin(Uri one, Uri other) =>
        one.Port == other.Port
        && string.Equals(one.Scheme, other.Scheme, StringComparison.Ordinal)
        && string.Equals(one.IdnHost, other.IdnHost, StringComparison.Ordinal);

    private static bool HaveSamePath(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.Path, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
