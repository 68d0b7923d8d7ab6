using AuthServer.Core;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Bearer;

/// <summary>
/// The values that a genuine access token has, and its life: one set of rules for every check. Source: RFC 9068 §4. Safe to
/// share.
/// </summary>
internal sealed class AccessTokenRules
{
    /// <summary>The header <c>typ</c>. Source: RFC 9068 §2.1.</summary>
    public const string TokenType = "at+jwt";

    private readonly TimeSpan lifetime;
    private readonly TimeProvider clock;

    public AccessTokenRules(IOptions<AuthServerBearerOptions> options, TimeProvider clock)
    {
        this.clock = clock;
        lifetime = options.Value.AccessLifetime;
        Alive = new TokenValidationParameters
        {
            ValidTypes = [TokenType],
            ValidAlgorithms = options.Value.Algorithms,
            ValidIssuer = options.Value.Issuer,
            ValidAudience = options.Value.Audience,
            IgnoreTrailingSlashWhenValidatingAudience = false,

            // Only the key that the token names, which the handler has found.
            IssuerSigningKeyResolver = (_, token, _, _) => token.SigningKey is { } key ? [key] : [],
            TryAllIssuerSigningKeys = false,
            LifetimeValidator = (_, _, token, _) => IsAlive((JsonWebToken)token),
            NameClaimType = JwtRegisteredClaimNames.PreferredUsername,
            RoleClaimType = AccessTokenClaims.Roles,
        };
        AliveOrExpired = Alive.Clone();
        AliveOrExpired.LifetimeValidator = (_, _, token, _) => HasBegun((JsonWebToken)token);
    }

    /// <summary>The rules for a token that is to be accepted.</summary>
    public TokenValidationParameters Alive { get; }

    /// <summary>The rules for a token that only has to name its session.</summary>
    public TokenValidationParameters AliveOrExpired { get; }

    /// <summary>Reads the caller from a token that <see cref="AccessTokenHandler"/> has validated.</summary>
    public static Caller Read(JsonWebToken token) => new()
    {
        UserId = Guid.Parse(token.Subject),
        SessionId = Guid.Parse(token.GetPayloadValue<string>(JwtRegisteredClaimNames.Sid)),
        Username = token.GetPayloadValue<string>(JwtRegisteredClaimNames.PreferredUsername),
        DisplayName = token.GetPayloadValue<string>(JwtRegisteredClaimNames.Name),
        VerifiedEmail = VerifiedEmailOf(token),
        Roles = token.GetPayloadValue<string[]>(AccessTokenClaims.Roles),
        IsAdmin = token.GetPayloadValue<bool>(AccessTokenClaims.Admin),
        IssuedAt = token.IssuedAt,
        ExpiresAt = token.ValidTo,
    };

    /// <summary>
    /// True if the life of a token is over: by <c>exp</c>, or because a shorter lifetime has been configured since it was
    /// issued. The end of a session is remembered for no longer than the configured lifetime requires.
    /// </summary>
    public bool HasExpired(DateTime issuedAt, DateTime expiresAt)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return now >= expiresAt || now - issuedAt >= lifetime;
    }

    /// <summary>True if a token seems to come from the future, by more than clocks may differ.</summary>
    public bool IsEarly(DateTime issuedAt) => issuedAt > (clock.GetUtcNow() + EndedSessionMemory.ClockTolerance).UtcDateTime;

    private static string? VerifiedEmailOf(JsonWebToken token) =>
        token.TryGetPayloadValue(JwtRegisteredClaimNames.EmailVerified, out bool isVerified) && isVerified
        && token.TryGetPayloadValue(JwtRegisteredClaimNames.Email, out string email) && email.Length > 0
            ? email
            : null;

    // The library still accepts the very second of exp; RFC 7519 §4.1.4 does not. It throws because a plain false is reported as
    // an invalid lifetime, and "expired" would be lost.
    private bool IsAlive(JsonWebToken token) =>
        HasBegun(token)
        && (HasExpired(token.IssuedAt, token.ValidTo) ? throw new SecurityTokenExpiredException() : !IsEarly(token.IssuedAt));

    // The claim nbf, which the library leaves to the validator of lifetimes.
    private bool HasBegun(JsonWebToken token) => clock.GetUtcNow().UtcDateTime >= token.ValidFrom;
}
