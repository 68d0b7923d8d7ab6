using System.Net;
using Microsoft.Net.Http.Headers;

namespace RazorPages;

/// <summary>
/// Sends requests to the auth server on behalf of a browser: with its cookies, its address and its user agent. Cookies that the
/// server sets go back to the browser.
/// </summary>
internal sealed class AuthServerApi(HttpClient http, IHttpContextAccessor accessor)
{
    // The server needs no other cookie of the application.
    private static readonly string[] Forwarded = ["__Host-session=", "__Secure-session=", "__Host-device="];

    private HttpContext Browser => accessor.HttpContext!;

    private IEnumerable<string> Cookies => Browser.Request.Headers.Cookie.ToString().Split("; ")
        .Where(cookie => Array.Exists(Forwarded, name => cookie.StartsWith(name, StringComparison.Ordinal)));

    /// <summary>True if the browser has a session cookie. Its session may have ended.</summary>
    public bool HasSessionCookie => Cookies.Any(cookie => cookie.Contains("-session=", StringComparison.Ordinal));

    /// <summary>Sends a request, and returns its answer. A server that can't be reached counts as a 503.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="body">The body, which is sent as JSON; null for none.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : JsonContent.Create(body, body.GetType());
        request.Headers.TryAddWithoutValidation(HeaderNames.Cookie, string.Join("; ", Cookies));
        request.Headers.TryAddWithoutValidation(HeaderNames.UserAgent, Browser.Request.Headers.UserAgent.ToString());
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", Browser.Connection.RemoteIpAddress?.ToString());

        // The server takes cookies from trusted pages alone. This application vouches for its own, whose antiforgery token it
        // has checked.
        request.Headers.TryAddWithoutValidation(HeaderNames.Origin, http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        try
        {
            var answer = await http.SendAsync(request, Browser.RequestAborted);
            Relay(answer, HeaderNames.SetCookie);
            Relay(answer, HeaderNames.RetryAfter);
            return answer;
        }
        catch (Exception failure) when (
            failure is HttpRequestException or TaskCanceledException && !Browser.RequestAborted.IsCancellationRequested)
        {
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        }
    }

    private void Relay(HttpResponseMessage answer, string header)
    {
        if (answer.Headers.TryGetValues(header, out var values))
        {
            Browser.Response.Headers.Append(header, values.ToArray());
        }
    }
}
