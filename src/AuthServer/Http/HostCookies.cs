using CookieHeaderValue = Microsoft.Net.Http.Headers.CookieHeaderValue;

namespace AuthServer.Http;

/// <summary>
/// Cookies whose names begin with <c>__Host-</c>, of this host alone, or with <c>__Secure-</c>. Source: RFC 6265bis §4.1.3.
/// </summary>
internal static class HostCookies
{
    /// <summary>
    /// Finds the value of a cookie; null if there is none of that name. The case of the name matters: a browser protects the
    /// prefix in this case alone, while the framework would accept any.
    /// </summary>
    public static string? Find(HttpRequest request, string name) => FindAll(request, name).FirstOrDefault();

    /// <summary>
    /// Finds the values of all cookies of a name, as <see cref="Find"/> does. A cookie of this host alone is there once; of one
    /// for a domain, each host of the domain can set another.
    /// </summary>
    public static IEnumerable<string> FindAll(HttpRequest request, string name) =>
        CookieHeaderValue.TryParseList(request.Headers.Cookie, out var cookies)
            ? cookies.Where(cookie => cookie.Name.Equals(name, StringComparison.Ordinal))
                .Select(cookie => cookie.Value.ToString())
            : [];

    /// <summary>The attributes of a cookie that no script and no page of another site can use.</summary>
    /// <param name="lifetime">Time for which the browser keeps it; null for as long as it is open.</param>
    public static CookieOptions Attributes(TimeSpan? lifetime) =>
        new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = lifetime };
}
