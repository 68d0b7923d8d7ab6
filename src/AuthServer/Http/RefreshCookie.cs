using CookieHeaderValue = Microsoft.Net.Http.Headers.CookieHeaderValue;

namespace AuthServer.Http;

/// <summary>
/// The cookie that keeps a refresh token from scripts, from other hosts and from pages of other sites. Source: RFC 6265bis §4.1.3.2 for
/// the prefix of its name.
/// </summary>
internal static class RefreshCookie
{
    public const string Name = "__Host-refresh";

    /// <summary>
    /// The refresh token of the cookie; null where there is no such cookie. The name counts as it is written: a browser guards the
    /// prefix in no other case, while the framework would take any.
    /// </summary>
    public static string? Of(HttpRequest request) =>
        CookieHeaderValue.TryParseList(request.Headers.Cookie, out var cookies)
            ? cookies.FirstOrDefault(cookie => cookie.Name.Equals(Name, StringComparison.Ordinal))?.Value.ToString()
            : null;

    /// <summary>Gives a browser the cookie, for as long as the session lives if it stays idle.</summary>
    public static void Set(HttpResponse response, string refreshToken, TimeSpan lifetime) =>
        response.Cookies.Append(Name, refreshToken, Attributes(lifetime));

    /// <summary>Takes the cookie from the browser.</summary>
    public static void Expire(HttpResponse response) => response.Cookies.Delete(Name, Attributes(lifetime: null));

    private static CookieOptions Attributes(TimeSpan? lifetime) =>
        new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = lifetime };
}
