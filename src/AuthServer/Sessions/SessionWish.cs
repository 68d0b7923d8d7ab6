using AuthServer.Http;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>The kind of session that a login asks for, and the one that it replaces.</summary>
/// <param name="Kind">The kind of session.</param>
/// <param name="Replaced">The refresh token or handle of the cookie that the login replaces; null if it replaces none.</param>
internal readonly record struct SessionWish(SessionKind Kind, string? Replaced)
{
    /// <summary>The wish of a request, by its transport.</summary>
    public static SessionWish Of(HttpRequest request, SessionCookie cookie) =>

        // The new cookie takes the place of this one, which no device could present afterwards.
        // Of several, the browser sends the newest one last.
        AnswersWithTokens.TransportOf(request) switch
        {
            TokenTransport.Cookie => new(SessionKind.Tokens, RefreshCookie.Of(request)),
            TokenTransport.Session => new(SessionKind.Cookie, cookie.Of(request) is [.., var newest] ? newest : null),
            _ => new(SessionKind.Tokens, Replaced: null),
        };
}
