using AuthServer.Core;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tokens;

/// <summary>
/// What makes an access token ours and alive: one set of rules for all who check one. Source: RFC 9068 §4. Safe to share.
/// </summary>
internal sealed class AccessTokenRules
{
    /// <summary>The header <c>typ</c>. Source: RFC 9068 §2.1.</summary>
    public const string TokenType = "at+jwt";

    private readonly TimeSpan lifetime;
    private readonly TimeProvider clock;

    public AccessTokenRules(IOptions<TokenOptions> options, ServerKeys keys, TimeProvider clock)
    {
        this.clock = clock;
        lifetime = options.Value.AccessLifetime;
        Living = new TokenValidationParameters
        {
            ValidTypes = [TokenType],
            ValidAlgorithms = [options.Value.Algorithm],
            ValidIssuer = options.Value.Issuer,
            ValidAudience = options.Value.Audience,
            IssuerSigningKeys = keys.Access,

            // Only the key that the token names, never one after the other.
            TryAllIssuerSigningKeys = false,
            LifetimeValidator = (_, _, token, _) => IsAlive((JsonWebToken)token),
            NameClaimType = JwtRegisteredClaimNames.PreferredUsername,
            RoleClaimType = AccessTokenClaims.Roles,
        };
        LivingOrExpired = Living.Clone();
        LivingOrExpired.LifetimeValidator = (_, _, token, _) => HasTimes((JsonWebToken)token);
    }

    /// <summary>For those who accept a token only while it lives.</summary>
    public TokenValidationParameters Living { get; }

    /// <summary>For those to whom an expired token still says which session it was.</summary>
    public TokenValidationParameters LivingOrExpired { get; }

    /// <summary>
    /// Reads a token whose signature is right. Null where it lacks what every token of this server has: others who check tokens
    /// by the same key could make some too.
    /// </summary>
    public static Caller? Read(JsonWebToken token) =>
        Guid.TryParse(token.Subject, out var userId)
        && token.TryGetPayloadValue<string>(JwtRegisteredClaimNames.Sid, out var sid)
        && Guid.TryParse(sid, out var sessionId)
        && token.TryGetPayloadValue<string>(JwtRegisteredClaimNames.PreferredUsername, out var username)
        && token.TryGetPayloadValue<string>(JwtRegisteredClaimNames.Name, out var displayName)
        && token.TryGetPayloadValue<string[]>(AccessTokenClaims.Roles, out var roles)
        && token.TryGetPayloadValue<bool>(AccessTokenClaims.Admin, out var isAdmin)
        && HasTimes(token)
            ? new Caller(userId, sessionId, username, displayName, roles, isAdmin, token.IssuedAt, token.ValidTo)
            : null;

    /// <summary>
    /// Whether the life of a token is over. Where the configured lifetime is shorter now than when the token was issued it ends the
    /// token too, for the end of its session is not remembered for longer.
    /// </summary>
    public bool HasExpired(DateTime issuedAt, DateTime expiresAt)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return now >= expiresAt || now >= issuedAt + lifetime;
    }

    /// <summary>Whether a token seems to come from the future, by more than clocks may differ.</summary>
    public bool IsEarly(DateTime issuedAt) => issuedAt > (clock.GetUtcNow() + EndedSessionMemory.ClockTolerance).UtcDateTime;

    // The library still accepts the very second of exp; RFC 7519 §4.1.4 does not. It throws because a plain false is reported as
    // an invalid lifetime, and "expired" would be lost.
    private bool IsAlive(JsonWebToken token) =>
        HasTimes(token)
        && (HasExpired(token.IssuedAt, token.ValidTo) ? throw new SecurityTokenExpiredException() : !IsEarly(token.IssuedAt));

    private static bool HasTimes(JsonWebToken token) =>
        token.TryGetPayloadValue<long>(JwtRegisteredClaimNames.Iat, out _) && token.TryGetPayloadValue<long>(JwtRegisteredClaimNames.Exp, out _);
}
