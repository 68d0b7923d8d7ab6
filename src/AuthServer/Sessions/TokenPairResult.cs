using AuthServer.Http;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>Sends a token pair, or a handle, in the way that the client asked for.</summary>
internal static class TokenPairResult
{
    /// <summary>The answer; a refresh token that came by cookie goes back by cookie, whatever was asked for.</summary>
    public static IResult Of(TokenPair pair, HttpContext http, bool byCookie, string? deviceToken = null)
    {
        var transport = pair.Handle is not null ? TokenTransport.Session
            : byCookie ? TokenTransport.Cookie
            : AnswersWithTokens.TransportOf(http.Request);
        if (deviceToken is not null)
        {
            DeviceTokens.Send(http.Response, deviceToken, transport);
        }

        switch (transport)
        {
            case TokenTransport.Header:
                http.Response.Headers.Authorization = $"{pair.TokenType} {pair.AccessToken}";
                http.Response.Headers[RequestTokens.RefreshHeader] = pair.RefreshToken;
                return Of(pair with { AccessToken = null, RefreshToken = null });
            case TokenTransport.Cookie:
                RefreshCookie.Set(http.Response, pair.RefreshToken!, TimeSpan.FromSeconds(pair.RefreshExpiresIn));
                return Of(pair with { RefreshToken = null });
            case TokenTransport.Session when pair.Handle is { } handle:
                http.RequestServices.GetRequiredService<SessionCookie>().Set(http.Response, handle);
                return Of(pair);
            default:
                return Of(pair);
        }
    }

    private static JsonResult<TokenPair> Of(TokenPair pair) => new(pair, SessionsJson.Default.TokenPair);
}
