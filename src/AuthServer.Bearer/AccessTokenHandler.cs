using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Bearer;

/// <summary>Checks access tokens: first their form, then with the library their signature and values. Safe to share.</summary>
internal sealed class AccessTokenHandler : JsonWebTokenHandler
{
    private readonly IAccessTokenKeys keys;
    private readonly IssuedTokenCache issued;

    public AccessTokenHandler(IAccessTokenKeys keys, IssuedTokenCache issued)
    {
        (this.keys, this.issued) = (keys, issued);
        MapInboundClaims = false;
    }

    /// <inheritdoc/>
    public override async Task<TokenValidationResult> ValidateTokenAsync(
        string token, TokenValidationParameters validationParameters)
    {
        if (!AccessTokenForm.Matches(token))
        {
            return new TokenValidationResult { Exception = new SecurityTokenMalformedException() };
        }

        // The parameters are shared by all requests, so the key goes with the token.
        var jwt = new JsonWebToken(token);
        jwt.SigningKey = await keys.FindAsync(jwt.Kid);
        if (jwt.SigningKey is not null && issued.Find(token) is not null)
        {
            validationParameters = validationParameters.Clone();
            validationParameters.SignatureValidator = (_, _) => jwt;
        }

        return await ValidateTokenAsync(jwt, validationParameters);
    }
}
