using System.Security.Claims;
using AuthServer.Bearer;
using AuthServer.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tests;

/// <summary>The principal of an access token as it is kept for later requests.</summary>
public sealed class CompactPrincipalTests
{
    [Fact]
    public async Task Copy_has_same_claims_and_no_token()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var handler = new AccessTokenHandler(app.Get<IAccessTokenKeys>(), app.Get<IssuedTokenCache>());
        var result = await handler.ValidateTokenAsync(ada.Pair.AccessToken, app.Get<AccessTokenRules>().Alive);
        var principal = new ClaimsPrincipal(result.ClaimsIdentity);

        var copy = CompactPrincipal.CopyOf(principal);
        Assert.Equal(principal.Claims.Select(TextOf), copy.Claims.Select(TextOf));
        Assert.NotEmpty(copy.Claims);
        Assert.Equal("ada", copy.Identity?.Name);
        Assert.True(copy.Identity!.IsAuthenticated);
        Assert.Equal(principal.IsInRole("admin"), copy.IsInRole("admin"));
        var identity = Assert.IsType<CaseSensitiveClaimsIdentity>(copy.Identity);
        Assert.Null(identity.SecurityToken);
        Assert.Equal("roles", identity.RoleClaimType);
    }

    [Fact]
    public void Copies_share_names_of_claims_and_issuer()
    {
        var copies = Enumerable.Range(0, 2).Select(_ =>
        {
            var claim = new Claim(new string("sub"), "ada", ClaimValueTypes.String, new string("https://auth.example"));
            return CompactPrincipal.CopyOf(new ClaimsPrincipal(new ClaimsIdentity([claim], "Bearer"))).Claims.Single();
        }).ToList();
        Assert.Same(copies[0].Type, copies[1].Type);
        Assert.Same(copies[0].Issuer, copies[1].Issuer);
        Assert.Same(copies[0].Issuer, copies[1].OriginalIssuer);
    }

    private static string TextOf(Claim claim) =>
        $"{claim.Type}: {claim.Value} ({claim.ValueType}) of {claim.Issuer}, {claim.OriginalIssuer}";
}
