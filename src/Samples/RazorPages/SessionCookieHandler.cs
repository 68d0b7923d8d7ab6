using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace RazorPages;

/// <summary>Authenticates requests by asking the auth server whose session their cookie is of.</summary>
internal sealed class SessionCookieHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AuthServerApi auth)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "SessionCookie";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!auth.HasSessionCookie)
        {
            return AuthenticateResult.NoResult();
        }

        using var answer = await auth.SendAsync(HttpMethod.Get, "/me");
        if (answer.StatusCode == HttpStatusCode.Unauthorized)
        {
            return AuthenticateResult.NoResult(); // the session has ended
        }

        if (answer.StatusCode != HttpStatusCode.OK)
        {
            return AuthenticateResult.Fail($"The auth server answered {(int)answer.StatusCode}.");
        }

        var me = (await answer.Content.ReadFromJsonAsync<Me>(Context.RequestAborted))!;
        IEnumerable<Claim> claims =
            [new("sub", me.Id), new("name", me.DisplayName), .. me.Roles.Select(role => new Claim("roles", role))];
        var user = new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName, nameType: "name", roleType: "roles"));
        return AuthenticateResult.Success(new AuthenticationTicket(user, SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if ((await HandleAuthenticateOnceAsync()).Failure is not null)
        {
            // Unknown is not logged out: a login page would be misleading now.
            Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var page = OriginalPathBase + OriginalPath + Request.QueryString;
        Response.Redirect(OriginalPathBase + "/login"
            + (HttpMethods.IsGet(Request.Method) ? QueryString.Create("returnUrl", page) : QueryString.Empty));
    }

    private sealed record Me(string Id, string DisplayName, string[] Roles);
}
