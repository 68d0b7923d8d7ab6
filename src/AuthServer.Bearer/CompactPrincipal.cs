using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Bearer;

/// <summary>
/// Copies principals that the library has read from a token. Each of these keeps the token, its JSON and a table for each claim,
/// which would be most of the memory of a <see cref="ValidatedTokenCache"/>.
/// </summary>
internal static class CompactPrincipal
{
    /// <summary>
    /// The same claims without the token that they come from. All copies share the names of claims and the issuer.
    /// </summary>
    /// <param name="principal">A principal with one identity, of a token that was validated: its names are trusted.</param>
    public static ClaimsPrincipal CopyOf(ClaimsPrincipal principal)
    {
        var identity = (ClaimsIdentity)principal.Identity!;
        return new ClaimsPrincipal(new CaseSensitiveClaimsIdentity(
            identity.Claims.Select(CopyOf), identity.AuthenticationType, identity.NameClaimType, identity.RoleClaimType));
    }

    /// <summary>The principal of claims that this program has made, as the library would read it from their token.</summary>
    public static ClaimsPrincipal Of(JsonWebToken claims) => new(new CaseSensitiveClaimsIdentity(
        claims.Claims.Select(CopyOf),
        TokenValidationParameters.DefaultAuthenticationType,
        JwtRegisteredClaimNames.PreferredUsername,
        AccessTokenClaims.Roles));

    private static Claim CopyOf(Claim claim)
    {
        var issuer = string.Intern(claim.Issuer);
        return new Claim(string.Intern(claim.Type), claim.Value, claim.ValueType, issuer, issuer);
    }
}
