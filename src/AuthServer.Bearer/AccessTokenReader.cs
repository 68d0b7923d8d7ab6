using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Bearer;

/// <summary>Reads access tokens that accompany a refresh token, expired or not. Safe to share.</summary>
internal sealed class AccessTokenReader(AccessTokenRules rules, IAccessTokenKeys keys, IssuedTokenCache issued)
{
    private readonly AccessTokenHandler handler = new(keys, issued);

    /// <summary>Reads a token that is accepted now; null if it is not.</summary>
    public async Task<JsonWebToken?> ReadAliveAsync(string token)
    {
        var result = await handler.ValidateTokenAsync(token, rules.Alive);
        return result.IsValid ? (JsonWebToken)result.SecurityToken : null;
    }

    /// <summary>Reads the session of a token; null if the token is not one of this server.</summary>
    public async Task<AccessTokenIdentity?> ReadAsync(string token)
    {
        var result = await handler.ValidateTokenAsync(token, rules.AliveOrExpired);
        if (!result.IsValid)
        {
            return null;
        }

        var caller = AccessTokenRules.Read((JsonWebToken)result.SecurityToken);
        return new AccessTokenIdentity(caller.SessionId, rules.HasExpired(caller.IssuedAt, caller.ExpiresAt));
    }
}
