using CookieHeaderValue = Microsoft.Net.Http.Headers.CookieHeaderValue;

namespace AuthServer.Http;

/// <summary>
/// The cookie that keeps a refresh token from scripts, from other hosts and from pages of other sites. Source for the prefix of
/// its name: RFC 6265bis §4.1.3.2.
/// </summary>
internal static class RefreshCookie
{
    public const string Name = "__Host-refresh";

    /// <summary>
    /// The refresh token of the cookie; null if there is no such cookie. The case of the name matters: a browser protects the
    /// prefix in this case alone, while the framework would accept any.
    /// </summary>
    public static string? Of(HttpRequest request) =>
        CookieHeaderValue.TryParseList(request.Headers.Cookie, out var cookies)
            ? cookies.FirstOrDefault(cookie => cookie.Name.Equals(Name, StringComparison.Ordinal))?.Value.ToString()
            : null;

    /// <summary>Sets the cookie for as long as the session lives if it stays idle.</summary>
    public static void Set(HttpResponse response, string refreshToken, TimeSpan lifetime) =>
        response.Cookies.Append(Name, refreshToken, Attributes(lifetime));

    /// <summary>Expires the cookie in the browser.</summary>
    public static void Expire(HttpResponse response) => response.Cookies.Delete(Name, Attributes(lifetime: null));

    private static CookieOptions Attributes(TimeSpan? lifetime) =>
        new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = lifetime };
}
