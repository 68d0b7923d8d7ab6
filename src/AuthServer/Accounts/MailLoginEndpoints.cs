using System.ComponentModel.DataAnnotations;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Sessions;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer.Accounts;

/// <summary>A login by the link of a mail.</summary>
/// <param name="Token">The token, which is the part of the link after <c>#link=</c>.</param>
/// <param name="DeviceName">The user's name for the device; up to 64 characters.</param>
internal sealed record MailLoginRequest([property: Required] string? Token = null, string? DeviceName = null);

/// <summary>Logins by links of mails, if they are switched on.</summary>
internal static class MailLoginEndpoints
{
    public static void MapMailLogin(this IEndpointRouteBuilder accounts, IEndpointRouteBuilder routes)
    {
        if (!routes.ServiceProvider.GetRequiredService<IOptions<AccountOptions>>().Value.LoginByMail)
        {
            return;
        }

        accounts.MapPost("/login/link", AskAsync)
            .WithName("RequestLoginLink")
            .WithSummary("Sends a link to the verified address of an account. The answer is the same without an account.")
            .Produces(StatusCodes.Status202Accepted)
            .WithProblems(ErrorCode.InvalidRequest)
            .RequireRateLimiting(RateLimits.Credentials);
        accounts.MapPost("/login/link/confirm", LogInAsync)
            .WithName("LoginByLink").WithSummary("Opens a session by the link of a mail.")
            .Produces<TokenPair>()
            .WithProblems(
                ErrorCode.InvalidRequest,
                ErrorCode.LinkInvalid,
                ErrorCode.SecondFactorRequired,
                ErrorCode.SecondFactorSetupRequired,
                ErrorCode.TooManySessions)
            .WithTransport(mayHaveNone: true)
            .WithDeviceToken()
            .RequireRateLimiting(RateLimits.Logins);
    }

    private static async Task<IResult> AskAsync(AccountMailRequest body, MailLoginService logins, CancellationToken ct) =>
        (await logins.AskAsync(body.Username, ct)).ToResult(_ => TypedResults.StatusCode(StatusCodes.Status202Accepted));

    private static async Task<IResult> LogInAsync(
        MailLoginRequest body, HttpContext http, MailLoginService logins, SessionCookie cookie, CancellationToken ct)
    {
        var login = new MailLogin(
            body.Token,
            body.DeviceName,
            SessionWish.Of(http.Request, cookie),
            DeviceTokens.Of(http.Request),
            http.ClientInfo());
        return (await logins.LogInAsync(login, ct))
            .ToResult(opened => TokenPairResult.Of(opened.Pair, http, byCookie: false, opened.DeviceToken));
    }
}
