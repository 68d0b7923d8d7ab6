using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Tokens;

/// <summary>What an access token of ours says of its session.</summary>
/// <param name="UserId">The claim <c>sub</c>.</param>
/// <param name="SessionId">The claim <c>sid</c>.</param>
/// <param name="HasExpired">Whether its life is over.</param>
internal sealed record AccessTokenIdentity(Guid UserId, Guid SessionId, bool HasExpired);

/// <summary>Reads access tokens that come along with a refresh token, expired or not. Safe to share.</summary>
internal sealed class AccessTokenReader(AccessTokenRules rules, TimeProvider clock)
{
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };

    /// <summary>What the token says; null where it is not one of ours.</summary>
    public async Task<AccessTokenIdentity?> ReadAsync(string token)
    {
        var result = await handler.ValidateTokenAsync(token, rules.LivingOrExpired);
        return result is { IsValid: true, SecurityToken: JsonWebToken jwt }
            ? new AccessTokenIdentity(
                Guid.Parse(jwt.Subject),
                Guid.Parse(jwt.GetPayloadValue<string>(JwtRegisteredClaimNames.Sid)),
                clock.GetUtcNow().UtcDateTime >= jwt.ValidTo)
            : null;
    }
}
