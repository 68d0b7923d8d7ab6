using AuthServer.Core;
using Microsoft.Extensions.Options;

namespace AuthServer.Tokens;

/// <summary>Kinds of sessions, by the secret that the client has.</summary>
internal enum SessionKind
{
    /// <summary>An access token and a refresh token.</summary>
    Tokens,

    /// <summary>A cookie with a handle, and no token.</summary>
    Cookie,
}

/// <summary>Issues the tokens of a decision, or the handle. Safe to share.</summary>
internal sealed class TokenPairIssuer(AccessTokenIssuer accessTokens, ServerKeys keys, IOptions<TokenOptions> options)
{
    /// <summary>Issues the tokens or the handle of a session.</summary>
    public TokenPair Issue(SessionGrant grant, SessionKind kind) =>
        kind == SessionKind.Cookie ? IssueHandle(grant) : Issue(grant);

    public TokenPair Issue(SessionGrant grant) => new(
        "Bearer",
        accessTokens.Issue(grant),
        (int)options.Value.AccessLifetime.TotalSeconds,
        new RefreshToken(grant.SessionId, grant.Generation).Encode(keys.Refresh),
        SecondsIn(grant),
        grant.SessionId);

    /// <summary>
    /// The session of a refresh token or a handle, whatever its generation or epoch; null if it is not genuine.
    /// </summary>
    public Guid? SessionOf(string? text, SessionKind kind) =>
        kind == SessionKind.Cookie
            ? SessionHandle.TryParse(text, keys.Handles, out var handle) ? handle.SessionId : null
            : RefreshToken.TryParse(text, keys.Refresh, out var token) ? token.SessionId : null;

    private TokenPair IssueHandle(SessionGrant grant) => new(
        TokenType: null, AccessToken: null, ExpiresIn: null, RefreshToken: null, SecondsIn(grant), grant.SessionId)
    {
        Handle = new SessionHandleValue(
            new SessionHandle(grant.SessionId, grant.Generation).Encode(keys.Handles), grant.EndsAt - grant.DecidedAt),
    };

    private static long SecondsIn(SessionGrant grant) => (long)(grant.ExpiresAt - grant.DecidedAt).TotalSeconds;
}
