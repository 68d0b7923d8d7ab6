using AuthServer.Http;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer.Sessions;

/// <summary>
/// The cookie of a session without tokens. Browsers send it with links from other sites, but with no other request of theirs.
/// Safe to share.
/// </summary>
internal sealed class SessionCookie(IOptions<SessionOptions> options)
{
    /// <summary>Its name, unless it is for a whole domain.</summary>
    public const string HostName = "__Host-session";

    /// <summary>Its name if it is for a whole domain.</summary>
    public const string DomainName = "__Secure-session";

    // More than a browser has by itself; each genuine one may cost a reading.
    private const int MostRead = 4;

    private readonly string domain = options.Value.CookieDomain;

    private string Name => domain.Length == 0 ? HostName : DomainName;

    /// <summary>The handle of the cookie, unread; of a domain there may be several.</summary>
    public IReadOnlyList<string> Of(HttpRequest request) => [.. HostCookies.FindAll(request, Name).Take(MostRead)];

    /// <summary>Sets the cookie until the session ends, however often it is used: its browser never gets another one.</summary>
    public void Set(HttpResponse response, SessionHandleValue handle) =>
        response.Cookies.Append(Name, handle.Text, Attributes(handle.Lifetime));

    /// <summary>Sets the cookie if a change gave the session a new handle; null for a session with tokens.</summary>
    public void Renew(HttpResponse response, SessionHandleValue? handle)
    {
        if (handle is not null)
        {
            Set(response, handle);
        }
    }

    /// <summary>Expires the cookie in the browser.</summary>
    public void Expire(HttpResponse response) => response.Cookies.Delete(Name, Attributes(lifetime: null));

    private CookieOptions Attributes(TimeSpan? lifetime)
    {
        var attributes = HostCookies.Attributes(lifetime);
        attributes.SameSite = SameSiteMode.Lax;
        attributes.Domain = domain.Length == 0 ? null : domain;
        return attributes;
    }
}
