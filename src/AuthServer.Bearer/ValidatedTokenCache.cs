using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Bearer;

/// <summary>An access token with a right signature and right claims, or the claims of one that was never signed.</summary>
/// <param name="Caller">The caller that it names.</param>
/// <param name="Principal">The same for the framework.</param>
internal sealed record ValidatedToken(Caller Caller, ClaimsPrincipal Principal)
{
    /// <summary>The caller that the payload of an access token of this program names, without a token.</summary>
    public static ValidatedToken OfPayload(string payload)
    {
        var claims = new JsonWebToken("{}", payload);
        return new ValidatedToken(AccessTokenRules.Read(claims), CompactPrincipal.Of(claims));
    }

    /// <summary>The same in the form that the framework requires at each request.</summary>
    public Task<AuthenticateResult> Authenticated { get; } =
        Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(Principal, JwtBearerDefaults.AuthenticationScheme)));
}

/// <summary>
/// Access tokens that were validated, so that each is validated once and not at each request. Their age and the end of their
/// sessions are not remembered here. Safe to share.
/// </summary>
internal sealed class ValidatedTokenCache(IOptions<AuthServerBearerOptions> options, TimeProvider clock)
    : TokenCache<ValidatedToken>(options.Value.AccessLifetime, clock);
