using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Bearer;

/// <summary>
/// The form of access tokens: the members of header and payload with their JSON types. Source: RFC 9068 §2. The library is less
/// strict: it ignores <c>crit</c> and other members of the header, accepts duplicates, and converts values to the type asked for.
/// </summary>
internal static class AccessTokenForm
{
    /// <summary>Number of claims that a token may have beyond these: an issuer may be newer than its back ends.</summary>
    private const int MaxOtherClaims = 32;

    private static readonly JsonObjectForm Header = new(
        [
            new(JwtHeaderParameterNames.Alg, JsonForm.Text),
            new(JwtHeaderParameterNames.Typ, JsonForm.Text),
            new(JwtHeaderParameterNames.Kid, JsonForm.Text),
        ],
        maxOthers: 0);

    private static readonly JsonObjectForm Payload = new(
        [
            new(JwtRegisteredClaimNames.Iss, JsonForm.Text),
            new(JwtRegisteredClaimNames.Aud, JsonForm.Text),
            new(JwtRegisteredClaimNames.Sub, JsonForm.Id),
            new(AccessTokenClaims.ClientId, JsonForm.Text),
            new(JwtRegisteredClaimNames.Iat, JsonForm.Seconds),
            new(JwtRegisteredClaimNames.Exp, JsonForm.Seconds),
            new(JwtRegisteredClaimNames.Jti, JsonForm.Text),
            new(JwtRegisteredClaimNames.Sid, JsonForm.Id),
            new(JwtRegisteredClaimNames.PreferredUsername, JsonForm.Text),
            new(JwtRegisteredClaimNames.Name, JsonForm.Text),
            new(AccessTokenClaims.Roles, JsonForm.Texts),
            new(AccessTokenClaims.Admin, JsonForm.Flag),
            new(JwtRegisteredClaimNames.Nbf, JsonForm.Seconds, IsRequired: false),
            new(JwtRegisteredClaimNames.AuthTime, JsonForm.Seconds),
            new(JwtRegisteredClaimNames.Amr, JsonForm.Texts),
            new(JwtRegisteredClaimNames.Email, JsonForm.Text, IsRequired: false),
            new(JwtRegisteredClaimNames.EmailVerified, JsonForm.Flag, IsRequired: false),
        ],
        MaxOtherClaims);

    /// <summary>True if a text has the form of an access token. Says nothing about its signature and its values.</summary>
    public static bool Matches(string token) => CompactJws.Matches(token, Header, Payload);
}
