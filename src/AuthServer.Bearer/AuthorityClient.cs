using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using Microsoft.Extensions.Options;

namespace AuthServer.Bearer;

/// <summary>Requests of a back end to the server.</summary>
internal sealed class AuthorityClient : IDisposable
{
    private const int MaxKeys = 64 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly SocketsHttpHandler network = new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,

        // The name of the server may get another address.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };
    private readonly HttpClient http;
    private readonly AuthenticationHeaderValue credentials;
    private readonly TimeProvider clock;

    public AuthorityClient(IOptions<AuthServerBearerOptions> options, TimeProvider clock)
    {
        this.clock = clock;
        Address = options.Value.Authority!.TrimEnd('/');
        http = new HttpClient(
            options.Value.BackchannelHandler ?? network, disposeHandler: false)
        {
            // Each request has a limit of its own: the feed has none.
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxKeys,
        };
        var feed = options.Value.EndedSessions;
        credentials = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{feed.ClientId}:{feed.ClientSecret}")));
    }

    /// <summary>The address of the server.</summary>
    public string Address { get; }

    /// <summary>Gets the JWK Set of the server.</summary>
    /// <exception cref="HttpRequestException">The server did not answer with one.</exception>
    /// <exception cref="OperationCanceledException">It did not answer within 5 seconds.</exception>
    public async Task<string> GetKeysAsync(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);

        // A cache between may have them from before a change.
        using var request = new HttpRequestMessage(HttpMethod.Get, Address + "/.well-known/jwks.json");
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        using var response = await http.SendAsync(request, either.Token);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(either.Token);
    }

    /// <summary>Opens the feed of ended sessions. The caller disposes of the answer.</summary>
    /// <exception cref="HttpRequestException">The server refused, or the answer is no feed.</exception>
    /// <exception cref="OperationCanceledException">It did not answer within 5 seconds.</exception>
    public async Task<HttpResponseMessage> OpenFeedAsync(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, Address + "/sessions/ended");
        request.Headers.Authorization = credentials;
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        try
        {
            return response.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType == MediaTypeNames.Text.EventStream
                ? response
                : throw new HttpRequestException("The answer is no feed.");
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        http.Dispose();
        network.Dispose();
    }
}
