using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AuthServer.Client;

/// <summary>
/// Reads what the server answers. Everything else than what was asked for is an <see cref="AuthServerException"/>,
/// and no answer at all any other <see cref="HttpRequestException"/>.
/// </summary>
internal static class ServerAnswers
{
    private const string Problem = "application/problem+json";

    /// <summary>Sends a request whose answer has a body.</summary>
    public static Task<T> AskAsync<T>(
        this HttpClient http, HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> shape, CancellationToken ct)
        where T : class => http.SendAsync(
            method,
            path,
            body,
            async response => await response.ReadAsync(shape, ct).ConfigureAwait(false)
                ?? throw new AuthServerException(response.StatusCode, problem: null),
            ct);

    /// <summary>Sends a request that is answered with nothing.</summary>
    public static Task TellAsync(
        this HttpClient http, HttpMethod method, string path, HttpContent? body, CancellationToken ct) =>
        http.SendAsync(method, path, body, _ => Task.FromResult(true), ct);

    /// <summary>What there is to say when time ran out before the answer came.</summary>
    public static HttpRequestException TooLate(OperationCanceledException exception) =>
        new("The auth server did not answer in time.", new TimeoutException(exception.Message, exception));

    /// <summary>The error in an answer, which stays readable; null where it is not in the server's words.</summary>
    public static async Task<ProblemBody?> ReadProblemAsync(this HttpResponseMessage response, CancellationToken ct)
    {
        if (response.Content.Headers.ContentType?.MediaType != Problem)
        {
            return null;
        }

        return await response.ReadAsync(Wire.Default.ProblemBody, ct).ConfigureAwait(false);
    }

    // Every failure is one of transport, except that the caller has given up.
    private static async Task<T> SendAsync<T>(
        this HttpClient http,
        HttpMethod method,
        string path,
        HttpContent? body,
        Func<HttpResponseMessage, Task<T>> readAsync,
        CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body };
        try
        {
            using var response = await http.SendAsync(request, ct).ConfigureAwait(false);
            await response.ShouldSucceedAsync(ct).ConfigureAwait(false);
            return await readAsync(response).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!ct.IsCancellationRequested)
        {
            // HttpClient's own time-out.
            throw TooLate(exception);
        }
        catch (Exception exception) when (exception is not (HttpRequestException or OperationCanceledException))
        {
            // A handler that the program put in the way has its own words for it, such as Polly's BrokenCircuitException.
            throw new HttpRequestException("The auth server could not be asked.", exception);
        }
    }

    private static async Task ShouldSucceedAsync(this HttpResponseMessage response, CancellationToken ct)
    {
        if (!response.IsSuccessStatusCode)
        {
            var problem = await response.ReadProblemAsync(ct).ConfigureAwait(false);
            throw new AuthServerException(response.StatusCode, problem, RetryAfterOf(response.Headers));
        }
    }

    // As bytes, which stay in the answer; a stream could be read once. A page in the place of JSON is what captive portals answer.
    private static async Task<T?> ReadAsync<T>(this HttpResponseMessage response, JsonTypeInfo<T> shape, CancellationToken ct)
        where T : class
    {
        var json = await response.Content.ReadAsByteArrayAsync(ct).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(json, shape);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A date is measured from the answer's own: this device's clock may be wrong.
    private static TimeSpan? RetryAfterOf(HttpResponseHeaders headers)
    {
        var wait = headers.RetryAfter?.Delta ?? (headers.RetryAfter?.Date - headers.Date);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
