using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tokens;

/// <summary>What makes an access token ours and alive: one set of rules for all who check one. Source: RFC 9068 §4.</summary>
internal sealed class AccessTokenRules(IOptions<TokenOptions> options, ServerKeys keys, TimeProvider clock)
{
    /// <summary>The header <c>typ</c>. Source: RFC 9068 §2.1.</summary>
    public const string TokenType = "at+jwt";

    /// <summary>
    /// How far a clock may go back, or two nodes' may differ, before a token seems to come from the future. An ended session is
    /// remembered for one access lifetime and this, so no token outlives the memory of its session's end.
    /// </summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    /// <summary>For those who accept a token only while it lives.</summary>
    public TokenValidationParameters Living { get; } = Parameters(options.Value, keys, clock, validateLifetime: true);

    /// <summary>For those to whom an expired token still says which session it was.</summary>
    public TokenValidationParameters LivingOrExpired { get; } = Parameters(options.Value, keys, clock, validateLifetime: false);

    private static TokenValidationParameters Parameters(
        TokenOptions options, ServerKeys keys, TimeProvider clock, bool validateLifetime) => new()
        {
            ValidTypes = [TokenType],
            ValidAlgorithms = [options.Algorithm],
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            IssuerSigningKeys = keys.Access,

            // Only the key that the token names, never one after the other.
            TryAllIssuerSigningKeys = false,
            ValidateLifetime = validateLifetime,
            ClockSkew = TimeSpan.Zero,
            LifetimeValidator = validateLifetime
                ? (_, expires, token, _) => IsAlive(expires, (JsonWebToken)token, clock.GetUtcNow())
                : null,
            NameClaimType = JwtRegisteredClaimNames.PreferredUsername,
            RoleClaimType = AccessTokenClaims.Roles,
        };

    // The library still accepts the very second of exp; RFC 7519 §4.1.4 does not. It throws because a plain false is reported as
    // an invalid lifetime, and "expired" would be lost.
    private static bool IsAlive(DateTime? expires, JsonWebToken token, DateTimeOffset now) => now >= expires
        ? throw new SecurityTokenExpiredException()
        : expires is not null && token.IssuedAt <= (now + ClockTolerance).UtcDateTime;
}
