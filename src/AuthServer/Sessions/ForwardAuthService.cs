using System.Runtime.CompilerServices;
using System.Security.Claims;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Tokens;
using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Sessions;

/// <summary>Describes users to the applications that a proxy guards. Safe to share.</summary>
internal sealed class ForwardAuthService(AccessTokenIssuer issuer)
{
    // As long as the caller is known, and so no longer than an access lifetime.
    private readonly ConditionalWeakTable<Caller, string> tokens = [];

    /// <summary>
    /// The name of a user for an application. One in the form of an address proves no address, and applications would take it for
    /// one, so the id is in its place.
    /// </summary>
    public static string NameOf(Caller caller) =>
        caller.Username.Contains('@', StringComparison.Ordinal) ? caller.UserId.ToString() : caller.Username;

    /// <summary>A token for the application. It expires when the caller's own does, or would.</summary>
    /// <param name="caller">The user.</param>
    /// <param name="principal">The same for the framework.</param>
    /// <param name="audience">The audience, always the same.</param>
    public string TokenFor(Caller caller, ClaimsPrincipal principal, string audience) =>
        tokens.GetValue(caller, one => issuer.IssueForApplication(GrantOf(one, principal), audience));

    private static SessionGrant GrantOf(Caller caller, ClaimsPrincipal principal)
    {
        var methods = AccessTokenClaims.AmrValues
            .Where(value => principal.HasClaim(JwtRegisteredClaimNames.Amr, value.Name))
            .Aggregate(default(AuthenticationMethods), (all, value) => all | value.Method);
        return new SessionGrant(
            caller.SessionId,
            Generation: 0,
            caller.IssuedAt,
            caller.ExpiresAt,
            caller.ExpiresAt,
            caller.IssuedAt,
            methods,
            new TokenSubject(caller.UserId, caller.Username, caller.DisplayName, caller.Roles, Disabled: false));
    }
}
