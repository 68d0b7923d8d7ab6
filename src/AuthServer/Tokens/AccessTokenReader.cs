using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Tokens;

/// <summary>Reads access tokens that come along with a refresh token, expired or not. Safe to share.</summary>
internal sealed class AccessTokenReader(AccessTokenRules rules)
{
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };

    /// <summary>What the token says; null where it is not one of ours.</summary>
    public async Task<AccessTokenIdentity?> ReadAsync(string token)
    {
        var result = await handler.ValidateTokenAsync(token, rules.LivingOrExpired);
        return result is { IsValid: true, SecurityToken: JsonWebToken jwt } && AccessTokenRules.Read(jwt) is { } caller
            ? new AccessTokenIdentity(caller.SessionId, rules.HasExpired(caller.IssuedAt, caller.ExpiresAt))
            : null;
    }
}
