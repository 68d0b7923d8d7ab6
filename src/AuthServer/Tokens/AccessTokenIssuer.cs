using AuthServer.Storage;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tokens;

/// <summary>Makes access tokens. Source: RFC 9068 §2. Safe to share.</summary>
internal sealed class AccessTokenIssuer(IOptions<TokenOptions> options, ServerKeys keys)
{
    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>A signed token for a decision; its life counts from the second of <see cref="SessionGrant.DecidedAt"/>.</summary>
    public string Issue(SessionGrant grant)
    {
        // Rounded down, as NumericDate is: the token never lives longer than its lifetime.
        var issuedAt = DateTimeOffset.FromUnixTimeSeconds(grant.DecidedAt.ToUnixTimeSeconds()).UtcDateTime;
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = AccessTokenRules.TokenType,
            Issuer = options.Value.Issuer,
            Audience = options.Value.Audience,
            IssuedAt = issuedAt,
            Expires = issuedAt + options.Value.AccessLifetime,
            SigningCredentials = keys.Signing,
            Claims = new Dictionary<string, object>
            {
                [JwtRegisteredClaimNames.Sub] = grant.User.Id.ToString(),
                [AccessTokenClaims.ClientId] = options.Value.ClientId,
                [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString(),
                [JwtRegisteredClaimNames.Sid] = grant.SessionId.ToString(),
                [JwtRegisteredClaimNames.PreferredUsername] = grant.User.Username,
                [JwtRegisteredClaimNames.Name] = grant.User.DisplayName,
                [AccessTokenClaims.Roles] = grant.User.Roles.ToArray(),
                [AccessTokenClaims.Admin] = grant.User.Roles.Contains(AccessTokenClaims.AdminRole),
            },
        });
    }
}
