using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Bearer;

/// <summary>Checks access tokens: first their form, then with the library their signature and values. Safe to share.</summary>
internal sealed class AccessTokenHandler : JsonWebTokenHandler
{
    private readonly IAccessTokenKeys keys;

    public AccessTokenHandler(IAccessTokenKeys keys)
    {
        this.keys = keys;
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
        return await ValidateTokenAsync(jwt, validationParameters);
    }
}
