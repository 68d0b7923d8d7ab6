namespace AuthServer.Http;

/// <summary>The cookie that keeps a refresh token from scripts, from other hosts and from pages of other sites.</summary>
internal static class RefreshCookie
{
    public const string Name = "__Host-refresh";

    /// <summary>The refresh token of the cookie; null if there is no such cookie.</summary>
    public static string? Of(HttpRequest request) => HostCookies.Find(request, Name);

    /// <summary>Sets the cookie for as long as the session lives if it stays idle.</summary>
    public static void Set(HttpResponse response, string refreshToken, TimeSpan lifetime) =>
        response.Cookies.Append(Name, refreshToken, HostCookies.Attributes(lifetime));

    /// <summary>Expires the cookie in the browser.</summary>
    public static void Expire(HttpResponse response) => response.Cookies.Delete(Name, HostCookies.Attributes(lifetime: null));
}
