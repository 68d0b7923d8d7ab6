using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AuthServer.Client;

/// <summary>Reads responses of the server.</summary>
internal static class ServerResponses
{
    private const string ProblemType = "application/problem+json";

    // Stands for a number of seconds that is too large for the type.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(int.MaxValue);

    /// <summary>The failure of a request whose answer did not arrive in time.</summary>
    public static HttpRequestException TimedOut(OperationCanceledException exception) =>
        new("The auth server did not answer in time.", new TimeoutException(exception.Message, exception));

    /// <summary>The error in a response, which stays readable; null if it is not one of the server's.</summary>
    public static async Task<ProblemBody?> ReadProblemAsync(this HttpResponseMessage response, CancellationToken ct)
    {
        if (response.Content.Headers.ContentType?.MediaType != ProblemType)
        {
            return null;
        }

        return await response.ReadAsync(ClientJson.Default.ProblemBody, ct).ConfigureAwait(false);
    }

    /// <summary>Throws if a response is an error.</summary>
    /// <exception cref="AuthServerException">The status is not a 2xx.</exception>
    public static async Task ThrowIfErrorAsync(this HttpResponseMessage response, TimeProvider clock, CancellationToken ct)
    {
        if (!response.IsSuccessStatusCode)
        {
            var problem = await response.ReadProblemAsync(ct).ConfigureAwait(false);
            throw new AuthServerException(response.StatusCode, problem, RetryAfterOf(response.Headers, clock));
        }
    }

    /// <summary>The JSON in a response, which stays readable; null if it has another shape.</summary>
    public static async Task<T?> ReadAsync<T>(this HttpResponseMessage response, JsonTypeInfo<T> shape, CancellationToken ct)
        where T : class
    {
        // Read as bytes, because a stream can be read once. Captive portals answer with a page in place of JSON.
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

    // Source: RFC 9110 §10.2.3. A date is measured from the response's own, because the clock of this device may be wrong.
    private static TimeSpan? RetryAfterOf(HttpResponseHeaders headers, TimeProvider clock)
    {
        var wait = headers.RetryAfter switch
        {
            { Delta: { } seconds } => seconds,
            { Date: { } date } => date - (headers.Date ?? clock.GetUtcNow()),
            _ => HasOnlyDigits(headers, "Retry-After") ? Longest : null as TimeSpan?,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static bool HasOnlyDigits(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values)
        && values.ToString() is { Length: > 0 } value
        && value.All(char.IsAsciiDigit);
}
