using System.ComponentModel.DataAnnotations;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>The second step of a login.</summary>
/// <param name="Challenge">The challenge of the first step.</param>
/// <param name="Code">A code of the authenticator app, or a recovery code.</param>
internal sealed record SecondFactorLoginRequest(
    [property: Required] string? Challenge = null, [property: Required] string? Code = null);

/// <summary>Completes a login.</summary>
internal static class SecondFactorLoginEndpoint
{
    public static void MapSecondFactorLogin(this IEndpointRouteBuilder sessions) => sessions
        .MapPost("/login/second-factor", HandleAsync)
        .WithName("LoginBySecondFactor")
        .WithSummary("Opens the session of a login that needs a second factor.")
        .Produces<TokenPair>()
        .WithProblems(
            ErrorCode.InvalidRequest,
            ErrorCode.SecondFactorInvalid,
            ErrorCode.EmailUnverified,
            ErrorCode.LinkInvalid,
            ErrorCode.TooManySessions)
        .WithTransport(mayHaveNone: true)
        .WithDeviceToken()
        .RequireRateLimiting(RateLimits.Logins);

    private static async Task<IResult> HandleAsync(
        SecondFactorLoginRequest body,
        HttpContext http,
        SecondFactorLoginService logins,
        SessionCookie cookie,
        CancellationToken ct)
    {
        var (kind, replaced) = SessionWish.Of(http.Request, cookie);
        var login = new SecondFactorLogin(
            body.Challenge, body.Code, kind, replaced, DeviceTokens.Of(http.Request), http.ClientInfo());
        return (await logins.LogInAsync(login, ct))
            .ToResult(opened => TokenPairResult.Of(opened.Pair, http, byCookie: false, opened.DeviceToken));
    }
}
