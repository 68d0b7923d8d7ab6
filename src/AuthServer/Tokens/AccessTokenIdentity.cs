using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Tokens;

/// <summary>What an access token of ours says of its session.</summary>
/// <param name="SessionId">The claim <c>sid</c>.</param>
/// <param name="HasExpired">Whether its life is over.</param>
internal sealed record AccessTokenIdentity(Guid SessionId, bool HasExpired)
{
    /// <summary>
    /// Reads a token whose signature is right. Null where it lacks what every token of this server has: others who check tokens
    /// by the same key could make some too.
    /// </summary>
    public static AccessTokenIdentity? Of(JsonWebToken token, DateTimeOffset now) =>
        Guid.TryParse(token.Subject, out _)
        && token.TryGetPayloadValue<string>(JwtRegisteredClaimNames.Sid, out var sid)
        && Guid.TryParse(sid, out var sessionId)
        && token.TryGetPayloadValue<long>(JwtRegisteredClaimNames.Iat, out _)
        && token.TryGetPayloadValue<long>(JwtRegisteredClaimNames.Exp, out _)
        && token.TryGetPayloadValue<bool>(AccessTokenClaims.Admin, out _)
            ? new AccessTokenIdentity(sessionId, now.UtcDateTime >= token.ValidTo)
            : null;
}
