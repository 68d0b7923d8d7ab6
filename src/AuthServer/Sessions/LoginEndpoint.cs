using System.ComponentModel.DataAnnotations;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>Credentials. They may also come as HTTP Basic, with no body.</summary>
/// <param name="Username">The user name.</param>
/// <param name="Password">The password.</param>
/// <param name="DeviceName">The user's name for the device; up to 64 characters.</param>
internal sealed record LoginRequest(
    [property: Required] string? Username = null, [property: Required] string? Password = null, string? DeviceName = null);

/// <summary>Opens a session.</summary>
internal static class LoginEndpoint
{
    public static void MapLogin(this IEndpointRouteBuilder sessions) => sessions.MapPost("/login", HandleAsync)
        .WithName("Login").WithSummary("Opens a session, by a JSON body or by HTTP Basic with no body.")
        .Produces<TokenPair>()
        .WithProblems(
            ErrorCode.InvalidRequest,
            ErrorCode.InvalidCredentials,
            ErrorCode.SecondFactorRequired,
            ErrorCode.EmailUnverified,
            ErrorCode.SecondFactorSetupRequired,
            ErrorCode.TooManySessions)
        .WithOptionalCredentials(ApiReference.Basic)
        .WithOptionalBody()
        .WithTransport(mayHaveNone: true)
        .WithDeviceToken()
        .RequireRateLimiting(RateLimits.Logins);

    private static async Task<IResult> HandleAsync(
        LoginRequest? body, HttpContext http, LoginService login, SessionCookie cookie, CancellationToken ct)
    {
        var basic = BasicCredentials.Of(http.Request);
        if (basic.Refusal is { } refusal)
        {
            return AuthProblems.From(refusal);
        }

        if (basic.Value is not null && body is not null)
        {
            return AuthProblems.From(Refusal.OfField("body", "Give the credentials once: in the body or as HTTP Basic."));
        }

        var (kind, replaced) = SessionWish.Of(http.Request, cookie);
        var device = DeviceTokens.Of(http.Request);
        var credentials = basic.Value is { } pair
            ? new Login(pair.Username, pair.Password, DeviceName: null, kind, replaced, device)
            : new Login(body?.Username, body?.Password, body?.DeviceName, kind, replaced, device);
        var outcome = await login.LoginAsync(credentials, http.ClientInfo(), ct);
        return outcome.ToResult(opened => TokenPairResult.Of(opened.Pair, http, byCookie: false, opened.DeviceToken));
    }
}
