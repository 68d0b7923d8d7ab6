namespace AuthServer.Client;

/// <summary>Decides which requests get the access token. Safe to share.</summary>
internal sealed class TrustedOrigins
{
    // Whoever asks these has no token yet; a refresh with one could even be refused for it.
    private static readonly string[] Doors = ["login", "refresh", "register"];

    private readonly Uri[] origins;
    private readonly Uri[] doors;

    public TrustedOrigins(AuthServerClientOptions options)
    {
        var server = options.ServerAddress!;
        origins = [server, .. options.Origins];
        doors = [.. Doors.Select(door => new Uri(AsFolder(server), door))];
    }

    /// <summary>An address that relative ones go below.</summary>
    public static Uri AsFolder(Uri address) => new(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");

    public bool GetToken(Uri? request) =>
        request is { IsAbsoluteUri: true }
        && origins.Any(origin => AreSame(origin, request, UriComponents.SchemeAndServer))
        && !doors.Any(door => AreSame(door, request, UriComponents.SchemeAndServer | UriComponents.Path));

    private static bool AreSame(Uri one, Uri other, UriComponents parts) =>
        Uri.Compare(one, other, parts, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
