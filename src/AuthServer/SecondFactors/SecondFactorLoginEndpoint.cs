using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Passkeys;
using AuthServer.Sessions;
using AuthServer.Tokens;

namespace AuthServer.SecondFactors;

/// <summary>The second step of a login.</summary>
/// <param name="Challenge">The challenge of the first step.</param>
/// <param name="Code">A code of the authenticator app, or a recovery code.</param>
/// <param name="State">The state of the options of a passkey, in place of a code.</param>
/// <param name="Credential">The answer of the browser to those options, by <c>toJSON</c>.</param>
internal sealed record SecondFactorLoginRequest(
    [property: Required] string? Challenge = null,
    string? Code = null,
    string? State = null,
    JsonElement? Credential = null);

/// <summary>Completes a login.</summary>
internal static class SecondFactorLoginEndpoint
{
    public static void MapSecondFactorLogin(this IEndpointRouteBuilder factors) => factors
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
        if (body is { Code: not null, State: not null })
        {
            return AuthProblems.From(Refusal.OfField("code", "Give a code or a passkey, not both."));
        }

        var passkey = body.State is null && body.Credential is null
            ? null
            : PasskeyEndpoints.AnswerOf(http, body.State, body.Credential);
        var (kind, replaced) = SessionWish.Of(http.Request, cookie);
        var login = new SecondFactorLogin(
            body.Challenge, body.Code, passkey, kind, replaced, DeviceTokens.Of(http.Request), http.ClientInfo());
        return (await logins.LogInAsync(login, ct))
            .ToResult(opened => TokenPairResult.Of(opened.Pair, http, byCookie: false, opened.DeviceToken));
    }
}
