using System.Runtime.CompilerServices;
using System.Security.Claims;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace AuthServer.Sessions;

/// <summary>Describes users to the applications that a proxy guards. Safe to share.</summary>
internal sealed class ForwardAuthService(
    AccessTokenIssuer issuer, AccessKeyRing keys, IOptions<TokenOptions> options, TimeProvider clock)
{
    private readonly ConditionalWeakTable<Caller, IssuedToken> tokens = [];

    /// <summary>
    /// The name of a user for an application. Applications would take a name in the form of an address for a verified one, so the
    /// id is in its place unless it is. So it is for a name in the form of an id, which would pass for that of another user.
    /// </summary>
    public static string NameOf(Caller caller) =>
        IsPlain(caller.Username) || IsVerifiedEmail(caller) ? caller.Username : caller.UserId.ToString();

    /// <summary>The display name of a user for an application, which is the user name if there is none.</summary>
    public static string DisplayNameOf(Caller caller) =>
        caller.DisplayName == caller.Username ? NameOf(caller) : caller.DisplayName;

    /// <summary>A token for the application, with at least half of its life left.</summary>
    /// <param name="caller">The user.</param>
    /// <param name="principal">The same for the framework.</param>
    /// <param name="audience">The audience, always the same.</param>
    public string TokenFor(Caller caller, ClaimsPrincipal principal, string audience)
    {
        var (now, key) = (clock.GetUtcNow(), keys.Signing);
        if (tokens.TryGetValue(caller, out var known)
            && known.Key == key && now - known.IssuedAt < options.Value.AccessLifetime / 2)
        {
            return known.Text;
        }

        var issued = new IssuedToken(issuer.IssueForApplication(GrantOf(caller, principal, now), audience), now, key);
        tokens.AddOrUpdate(caller, issued);
        return issued.Text;
    }

    private static bool IsPlain(string username) =>
        !username.Contains('@', StringComparison.Ordinal) && !Guid.TryParse(username, out _);

    private static bool IsVerifiedEmail(Caller caller) =>
        caller.VerifiedEmail is { } email && Username.Normalize(caller.Username) == email;

    private static SessionGrant GrantOf(Caller caller, ClaimsPrincipal principal, DateTimeOffset now)
    {
        var methods = AccessTokenClaims.AmrValues
            .Where(value => principal.HasClaim(JwtRegisteredClaimNames.Amr, value.Name))
            .Aggregate(default(AuthenticationMethods), (all, value) => all | value.Method);
        return new SessionGrant(
            caller.SessionId,
            Generation: 0,
            now,
            now,
            now,
            now,
            methods,
            new TokenSubject(caller.UserId, NameOf(caller), DisplayNameOf(caller), caller.Roles, Disabled: false)
            {
                VerifiedEmail = caller.VerifiedEmail,
            });
    }

    private sealed record IssuedToken(string Text, DateTimeOffset IssuedAt, SigningKey Key);
}
