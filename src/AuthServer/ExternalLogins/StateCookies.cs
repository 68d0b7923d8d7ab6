using CookieHeaderValue = Microsoft.Net.Http.Headers.CookieHeaderValue;

namespace AuthServer.ExternalLogins;

/// <summary>
/// The cookies that states are bound to. There is one for each login that a browser has begun; its name ends with a part of the
/// state.
/// </summary>
internal static class StateCookies
{
    /// <summary>The beginning of their names.</summary>
    public const string Prefix = "__Host-external";

    // With more, the cookies of a browser would be longer than proxies take.
    private const int Most = 8;

    /// <summary>The attributes of each.</summary>
    public static CookieBuilder Builder { get; } = new()
    {
        Name = Prefix,
        Path = "/",
        HttpOnly = true,
        IsEssential = true,
        SecurePolicy = CookieSecurePolicy.Always,

        // Some providers send their answer by POST, with which browsers send no other cookie.
        SameSite = SameSiteMode.None,
    };

    /// <summary>
    /// Drops the cookies of a request whose names differ in case. Browsers protect the prefix in one case alone, and the library
    /// reads any.
    /// </summary>
    public static void DropUnprotected(HttpRequest request)
    {
        if (CookieHeaderValue.TryParseList(request.Headers.Cookie, out var cookies))
        {
            request.Headers.Cookie = string.Join("; ", cookies.Where(cookie => !IsOne(cookie) || IsProtected(cookie)));
        }
    }

    /// <summary>Expires the cookies of a browser that has begun many logins.</summary>
    public static void ForgetIfMany(HttpContext http)
    {
        if (!CookieHeaderValue.TryParseList(http.Request.Headers.Cookie, out var cookies))
        {
            return;
        }

        var found = cookies.Where(IsProtected).ToList();
        if (found.Count >= Most)
        {
            found.ForEach(cookie => http.Response.Cookies.Delete(cookie.Name.ToString(), Builder.Build(http)));
        }
    }

    private static bool IsOne(CookieHeaderValue cookie) => cookie.Name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    private static bool IsProtected(CookieHeaderValue cookie) => cookie.Name.StartsWith(Prefix, StringComparison.Ordinal);
}
