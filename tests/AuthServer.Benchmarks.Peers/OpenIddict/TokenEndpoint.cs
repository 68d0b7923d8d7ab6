using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Peers.OpenIddict;

/// <summary>Handles the password and refresh token flows. Source: the sample Hollastin of OpenIddict.</summary>
internal static class TokenEndpoint
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public static async Task<IResult> HandleAsync(HttpContext http, UserManager<IdentityUser> users)
    {
        var request = http.GetOpenIddictServerRequest()!;
        var old = request.IsRefreshTokenGrantType() ? (await http.AuthenticateAsync(Scheme)).Principal : null;
        var user = old is not null
            ? await users.FindByIdAsync(old.GetClaim(Claims.Subject)!)
            : await FindAsync(users, request.Username!, request.Password!);
        if (user is null)
        {
            return Results.Forbid(authenticationSchemes: [Scheme]);
        }

        var identity = new ClaimsIdentity(old?.Claims, "token", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, user.Id).SetClaim(Claims.Name, user.UserName);
        if (old is null)
        {
            identity.SetScopes(Scopes.OfflineAccess);
        }

        identity.SetDestinations(_ => [Destinations.AccessToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: Scheme);
    }

    private static async Task<IdentityUser?> FindAsync(UserManager<IdentityUser> users, string name, string password) =>
        await users.FindByNameAsync(name) is { } user && await users.CheckPasswordAsync(user, password) ? user : null;
}
