using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace AuthServer.Client;

/// <summary>
/// Sends requests to the server, by HTTP clients that are configured as the program configured the one named here. An error that
/// the server answers is an <see cref="AuthServerException"/>; any other <see cref="HttpRequestException"/> means that there was
/// no answer.
/// </summary>
internal sealed class ServerHttp(
    IHttpMessageHandlerFactory handlers,
    IOptionsMonitor<HttpClientFactoryOptions> settings,
    IOptions<AuthServerClientOptions> options,
    TimeProvider clock)
{
    public const string Name = "AuthServer.Client";

    // Options of the browser's fetch, which other platforms ignore.
    private static readonly HttpRequestOptionsKey<IDictionary<string, object>> FetchOptions = new("WebAssemblyFetchOptions");

    // Shown in the list of sessions. The name of the device is given at the login.
    private static readonly string UserAgent =
        $"AuthServer.Client/{typeof(ServerHttp).Assembly.GetName().Version!.ToString(3)}{PlatformComment()}";

    /// <summary>An address that relative addresses are resolved below.</summary>
    public static Uri AsFolder(Uri address) => new(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");

    /// <summary>Sends a request whose answer has a body.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path below the server's address.</param>
    /// <param name="body">The body; null for none.</param>
    /// <param name="shape">The type of the answer.</param>
    /// <param name="first">Handler that the request passes first, such as one that attaches tokens; null for none.</param>
    /// <param name="ct">Cancels the request, and closes its connection.</param>
    public Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> shape, DelegatingHandler? first, CancellationToken ct)
        where T : class => SendAsync(
            method,
            path,
            body,
            async response => await response.ReadAsync(shape, ct).ConfigureAwait(false)
                ?? throw new AuthServerException(response.StatusCode, problem: null),
            first,
            ct);

    /// <summary>Sends a request whose answer has no body.</summary>
    public Task SendAsync(HttpMethod method, string path, HttpContent? body, DelegatingHandler? first, CancellationToken ct) =>
        SendAsync(method, path, body, _ => Task.FromResult(true), first, ct);

    private async Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        HttpContent? body,
        Func<HttpResponseMessage, Task<T>> readAsync,
        DelegatingHandler? first,
        CancellationToken ct)
    {
        using var http = Open(first);
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body };

        // The same as the registration sets for sockets: no redirect is followed, and no cookie is sent.
        request.Options.Set(
            FetchOptions, new Dictionary<string, object> { ["redirect"] = "manual", ["credentials"] = "omit" });
        try
        {
            using var response = await http.SendAsync(request, ct).ConfigureAwait(false);
            await response.ThrowIfErrorAsync(clock, ct).ConfigureAwait(false);
            return await readAsync(response).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!ct.IsCancellationRequested)
        {
            // HttpClient's own timeout.
            throw ServerResponses.TimedOut(exception);
        }
        catch (Exception exception) when (exception is not (HttpRequestException or OperationCanceledException))
        {
            // A handler that the program has added throws its own exceptions, such as Polly's BrokenCircuitException.
            throw new HttpRequestException("The request to the auth server failed.", exception);
        }
    }

    private HttpClient Open(DelegatingHandler? first)
    {
        var chain = handlers.CreateHandler(Name);
        if (first is not null)
        {
            first.InnerHandler = chain;
            chain = first;
        }

        // The factory owns the chain, and disposes of it when it is no longer used.
        var http = new HttpClient(chain, disposeHandler: false);
        foreach (var configure in settings.Get(Name).HttpClientActions)
        {
            configure(http);
        }

        // A browser has a name of its own, and would ask the server if it may send another.
        if (!OperatingSystem.IsBrowser() && !http.DefaultRequestHeaders.Contains("User-Agent"))
        {
            http.DefaultRequestHeaders.UserAgent.ParseAdd(UserAgent);
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
