using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace AuthServer.Client;

/// <summary>Opens HTTP clients to the server, all of them configured as the program configured the one that is named here.</summary>
internal sealed class ServerHttp(
    IHttpMessageHandlerFactory handlers,
    IOptionsMonitor<HttpClientFactoryOptions> settings,
    IOptions<AuthServerClientOptions> options)
{
    public const string Name = "AuthServer.Client";

    // The list of sessions shows it. Which device it is the login says.
    private static readonly string Agent =
        $"AuthServer.Client/{typeof(ServerHttp).Assembly.GetName().Version!.ToString(3)}{PlatformComment()}";

    /// <summary>An address that relative ones go below.</summary>
    public static Uri AsFolder(Uri address) => new(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");

    /// <summary>A client without access tokens: for what gets them in the first place.</summary>
    public HttpClient Open() => Open(handlers.CreateHandler(Name));

    /// <summary>A client whose requests pass <paramref name="first"/>.</summary>
    public HttpClient Open(DelegatingHandler first)
    {
        first.InnerHandler = handlers.CreateHandler(Name);
        return Open((HttpMessageHandler)first);
    }

    private HttpClient Open(HttpMessageHandler chain)
    {
        // The factory owns the chain, and disposes of it when nobody uses it any more.
        var http = new HttpClient(chain, disposeHandler: false);
        foreach (var configure in settings.Get(Name).HttpClientActions)
        {
            configure(http);
        }

        if (!http.DefaultRequestHeaders.Contains("User-Agent"))
        {
            http.DefaultRequestHeaders.UserAgent.ParseAdd(Agent);
        }

        http.BaseAddress = AsFolder(options.Value.ServerAddress!);
        return http;
    }

    private static string PlatformComment() =>
        OperatingSystem.IsWindows() ? " (Windows)"
        : OperatingSystem.IsMacOS() ? " (macOS)"
        : OperatingSystem.IsLinux() ? " (Linux)"
        : "";
}
