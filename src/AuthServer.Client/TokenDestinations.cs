namespace AuthServer.Client;

/// <summary>Decides which requests get the access token. Safe to share.</summary>
internal sealed class TokenDestinations
{
    // Whoever asks these has no token yet; a refresh with one could even be refused for it.
    private static readonly string[] Doors = ["login", "refresh", "register"];

    private readonly Uri[] origins;
    private readonly Uri[] doors;

    public TokenDestinations(AuthServerClientOptions options)
    {
        var server = options.ServerAddress!;
        origins = [server, .. options.Origins];
        doors = [.. Doors.Select(door => new Uri(ServerHttp.AsFolder(server), door))];
    }

    public bool GetToken(Uri? request) =>
        request is { IsAbsoluteUri: true }
        && origins.Any(origin => AreOfOneOrigin(origin, request))
        && !doors.Any(door => AreOfOneOrigin(door, request) && HaveOnePath(door, request));

    // As they go over the wire, and by their bytes: σ.example and ς.example are two domains.
    private static bool AreOfOneOrigin(Uri one, Uri other) =>
        one.Port == other.Port
        && string.Equals(one.Scheme, other.Scheme, StringComparison.Ordinal)
        && string.Equals(one.IdnHost, other.IdnHost, StringComparison.Ordinal);

    private static bool HaveOnePath(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.Path, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
