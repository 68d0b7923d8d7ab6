using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Tokens;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Cors;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace AuthServer.Sessions;

/// <summary>Identifies the users of applications that a proxy guards.</summary>
internal static class ForwardAuthEndpoint
{
    // Proxies take headers of 4 KiB, and the server an address of 8 KiB.
    private const int LongestLogin = 2000;

    private static readonly AuthorizationPolicy User = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();

    /// <summary>Maps the route if it is switched on.</summary>
    public static void MapForwardAuth(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<ForwardAuthOptions>>().Value.Enabled)
        {
            return;
        }

        var route = app.MapGet("/forward-auth", HandleAsync)
            .WithTags("Other channels")
            .WithName("ForwardAuth").WithSummary("Identifies the user of a request to an application, for its proxy.")
            .Produces(StatusCodes.Status200OK)
            .Produces(StatusCodes.Status302Found)
            .WithProblems(
                ErrorCode.InvalidRequest,
                ErrorCode.AccessTokenMissing,
                ErrorCode.AccessTokenExpired,
                ErrorCode.AccessTokenInvalid,
                ErrorCode.SessionInvalid,
                ErrorCode.SessionEnded,
                ErrorCode.Forbidden,
                ErrorCode.CrossSite)
            .WithOptionalCredentials(ApiReference.Bearer);

        // The framework refuses this on a server without CORS.
        if (app.Services.GetRequiredService<IOptions<CrossOriginOptions>>().Value.Origins.Length > 0)
        {
            route.WithMetadata(new DisableCorsAttribute());
        }
    }

    private static async Task<IResult> HandleAsync(
        string? redirect,
        string? role,
        HttpContext http,
        KnownProxies proxies,
        IPolicyEvaluator evaluator,
        ForwardAuthService service,
        ReturnAddresses addresses,
        IOptions<ForwardAuthOptions> options,
        IOptions<TokenOptions> tokens)
    {
        if (redirect is not (null or "true" or "false"))
        {
            return AuthProblems.From(Refusal.OfField("redirect", "Must be true or false."));
        }

        var read = ForwardedRequest.Of(http, proxies);
        if (read.Refusal is { } refusal)
        {
            return AuthProblems.From(refusal);
        }

        var forwarded = read.Value;
        if (!(await evaluator.AuthenticateAsync(User, http)).Succeeded)
        {
            if (!IsNavigation(forwarded, http.Request))
            {
                return TypedResults.Challenge();
            }

            var login = LoginPage(forwarded, addresses, tokens.Value);
            if (redirect == "true")
            {
                return TypedResults.Redirect(login);
            }

            // A proxy that takes no redirect from here, such as nginx, makes it of this.
            http.Response.Headers["X-Auth-Login"] = login;
            return TypedResults.Challenge();
        }

        // A token is no ambient authority. Browsers send the cookie by themselves, also with a handshake of a WebSocket.
        if (CookieCallers.HandleOf(http) is not null
            && !(forwarded.IsRead && !IsWebSocket(http.Request))
            && !TrustedOrigins.SentToApplication(http.Request, forwarded.Origin))
        {
            return AuthProblems.From(ErrorCode.CrossSite);
        }

        var caller = http.Features.Get<Caller>()!;
        if (role is not null && !caller.Roles.Contains(role))
        {
            return AuthProblems.From(ErrorCode.Forbidden);
        }

        Describe(caller, http.Response);
        if (options.Value.Audience is { Length: > 0 } audience)
        {
            http.Response.Headers.Authorization = "Bearer " + service.TokenFor(caller, http.User, audience);
        }

        return TypedResults.Ok();
    }

    private static void Describe(Caller caller, HttpResponse response)
    {
        response.Headers["X-Auth-User"] = Uri.EscapeDataString(ForwardAuthService.NameOf(caller));
        response.Headers["X-Auth-Id"] = caller.UserId.ToString();
        response.Headers["X-Auth-Name"] = Uri.EscapeDataString(ForwardAuthService.DisplayNameOf(caller));

        // Empty rather than absent, so that a proxy that copies it never keeps what a client has sent. Caddy before 2.9 would
        // put the name of a variable in its place (caddyserver/caddy#6610).
        response.Headers["X-Auth-Email"] = Uri.EscapeDataString(caller.VerifiedEmail ?? "");
        response.Headers["X-Auth-Roles"] = string.Join(',', caller.Roles.Select(Uri.EscapeDataString));
    }

    // A script would follow a redirect, and get the login page in the place of its data.
    private static bool IsNavigation(ForwardedRequest forwarded, HttpRequest request) =>
        forwarded.IsRead && !IsWebSocket(request) && request.Headers["Sec-Fetch-Mode"].ToString() is "" or "navigate";

    private static bool IsWebSocket(HttpRequest request) => request.Headers.ContainsKey(HeaderNames.SecWebSocketKey);

    private static string LoginPage(ForwardedRequest forwarded, ReturnAddresses addresses, TokenOptions tokens)
    {
        var page = tokens.Issuer.TrimEnd('/') + "/";
        if (!addresses.IsOfApplication(forwarded.Address))
        {
            return page;
        }

        var login = $"{page}?{ReturnAddresses.Parameter}=";
        var whole = login + Uri.EscapeDataString(forwarded.Address);
        return whole.Length <= LongestLogin ? whole : login + Uri.EscapeDataString(forwarded.Origin + "/");
    }
}
