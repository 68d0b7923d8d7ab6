using AuthServer.Core;
using Microsoft.Extensions.Options;

namespace AuthServer.Tokens;

/// <summary>Issues the tokens of a decision. Safe to share.</summary>
internal sealed class TokenPairIssuer(AccessTokenIssuer accessTokens, ServerKeys keys, IOptions<TokenOptions> options)
{
    public TokenPair Issue(SessionGrant grant) => new(
        "Bearer",
        accessTokens.Issue(grant),
        (int)options.Value.AccessLifetime.TotalSeconds,
        new RefreshToken(grant.SessionId, grant.Generation).Encode(keys.Refresh),
        (long)(grant.ExpiresAt - grant.DecidedAt).TotalSeconds,
        grant.SessionId);
}
