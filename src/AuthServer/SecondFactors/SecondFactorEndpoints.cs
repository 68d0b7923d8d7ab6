using System.ComponentModel.DataAnnotations;
using AuthServer.Accounts;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Sessions;

namespace AuthServer.SecondFactors;

/// <summary>A switch of the second factor of logins.</summary>
/// <param name="Required">True to need one.</param>
internal sealed record SecondFactorRequest([property: Required] bool? Required = null);

/// <summary>The first code of an authenticator app.</summary>
/// <param name="Code">The code.</param>
internal sealed record FirstCodeRequest([property: Required] string? Code = null);

/// <summary>A login that has to set up a second factor.</summary>
/// <param name="Challenge">The challenge of the login.</param>
internal sealed record SetUpRequest([property: Required] string? Challenge = null);

/// <summary>The first code of an authenticator app, for a login that has to set one up.</summary>
/// <param name="Challenge">The challenge of the login.</param>
/// <param name="Code">The code.</param>
internal sealed record SetUpCodeRequest(
    [property: Required] string? Challenge = null, [property: Required] string? Code = null);

/// <summary>New recovery codes.</summary>
/// <param name="RecoveryCodes">The codes, which are shown once; none if the account has some already.</param>
internal sealed record RecoveryCodeList(IReadOnlyList<string> RecoveryCodes);

/// <summary>Second factors of the caller, and of logins that have to set one up.</summary>
internal static class SecondFactorEndpoints
{
    public static void MapSecondFactors(this IEndpointRouteBuilder routes)
    {
        var factors = routes.MapGroup("").WithTags("Second factors").RequireRateLimiting(RateLimits.Credentials);
        routes.MapGroup("").WithTags("Second factors").MapSecondFactorLogin();
        factors.MapGet("/second-factors", ReadAsync)
            .WithName("SecondFactors").WithSummary("The caller's second factors.")
            .Produces<SecondFactorList>()
            .RequireAuthorization();
        factors.MapPatch("/second-factors", SwitchAsync)
            .WithName("SwitchSecondFactor").WithSummary("Switches on or off whether logins need a second factor.")
            .Produces<SecondFactorList>()
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.SessionInvalid)
            .RequireFreshProof(routes);
        factors.MapPost("/second-factors/totp", BeginTotpAsync)
            .WithName("BeginTotp").WithSummary("Makes the secret of an authenticator app, which counts once confirmed.")
            .Produces<TotpSecret>()
            .WithProblems(ErrorCode.InvalidRequest)
            .RequireFreshProof(routes);
        factors.MapPost("/second-factors/totp/confirm", ConfirmTotpAsync)
            .WithName("ConfirmTotp").WithSummary("Makes an authenticator app count by its first code.")
            .Produces<RecoveryCodeList>()
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.SecondFactorInvalid, ErrorCode.SessionInvalid)
            .RequireFreshProof(routes);
        factors.MapDelete("/second-factors/totp", RemoveTotpAsync)
            .WithName("RemoveTotp").WithSummary("Removes the authenticator app.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(ErrorCode.NotFound, ErrorCode.SessionInvalid)
            .RequireFreshProof(routes);
        factors.MapPost("/second-factors/recovery-codes", ReplaceCodesAsync)
            .WithName("ReplaceRecoveryCodes").WithSummary("Replaces the recovery codes.")
            .Produces<RecoveryCodeList>()
            .WithProblems(ErrorCode.NotFound, ErrorCode.SessionInvalid)
            .RequireFreshProof(routes);
        factors.MapPost("/login/second-factor/totp", BeginSetUpAsync)
            .WithName("BeginTotpAtLogin").WithSummary("Makes the secret of an authenticator app that a login has to set up.")
            .Produces<TotpSecret>()
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.SecondFactorInvalid);
        factors.MapPost("/login/second-factor/totp/confirm", ConfirmSetUpAsync)
            .WithName("ConfirmTotpAtLogin").WithSummary("Makes that authenticator app count by its first code.")
            .Produces<RecoveryCodeList>()
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.SecondFactorInvalid);
    }

    private static async Task<IResult> ReadAsync(Caller caller, SecondFactorService factors, CancellationToken ct) =>
        (await factors.ReadAsync(caller.UserId, ct)).ToResult(TypedResults.Ok);

    private static async Task<IResult> SwitchAsync(
        SecondFactorRequest body,
        Caller caller,
        HttpContext http,
        SecondFactorService factors,
        SessionCookie cookie,
        CancellationToken ct)
    {
        var outcome = await factors.SwitchAsync(CookieCallers.ChangerOf(caller, http), body.Required, ct);
        return outcome.Refusal is { } refusal
            ? AuthProblems.From(refusal)
            : Renew(http, cookie, outcome.Value, (await factors.ReadAsync(caller.UserId, ct)).ToResult(TypedResults.Ok));
    }

    private static async Task<IResult> BeginTotpAsync(Caller caller, SecondFactorService factors, CancellationToken ct) =>
        (await factors.BeginTotpAsync(caller.UserId, ct)).ToResult(TypedResults.Ok);

    private static async Task<IResult> ConfirmTotpAsync(
        FirstCodeRequest body,
        Caller caller,
        HttpContext http,
        SecondFactorService factors,
        SessionCookie cookie,
        CancellationToken ct) =>
        (await factors.ConfirmTotpAsync(CookieCallers.ChangerOf(caller, http), body.Code, ct))
            .ToResult(change => Renew(http, cookie, change, CodesOf(change)));

    private static async Task<IResult> RemoveTotpAsync(
        Caller caller, HttpContext http, SecondFactorService factors, SessionCookie cookie, CancellationToken ct) =>
        (await factors.RemoveTotpAsync(CookieCallers.ChangerOf(caller, http), ct))
            .ToResult(change => Renew(http, cookie, change, TypedResults.NoContent()));

    private static async Task<IResult> ReplaceCodesAsync(
        Caller caller, HttpContext http, SecondFactorService factors, SessionCookie cookie, CancellationToken ct) =>
        (await factors.ReplaceCodesAsync(CookieCallers.ChangerOf(caller, http), ct))
            .ToResult(change => Renew(http, cookie, change, CodesOf(change)));

    private static async Task<IResult> BeginSetUpAsync(SetUpRequest body, SecondFactorService factors, CancellationToken ct) =>
        (await factors.BeginSetUpAsync(body.Challenge, ct)).ToResult(TypedResults.Ok);

    private static async Task<IResult> ConfirmSetUpAsync(
        SetUpCodeRequest body, HttpContext http, SecondFactorService factors, CancellationToken ct) =>
        (await factors.ConfirmSetUpAsync(body.Challenge, body.Code, http.ClientInfo(), ct)).ToResult(CodesOf);

    private static IResult Renew(HttpContext http, SessionCookie cookie, FactorChange change, IResult answer)
    {
        cookie.Renew(http.Response, change.Handle);
        return answer;
    }

    private static IResult CodesOf(FactorChange change) => TypedResults.Ok(new RecoveryCodeList(change.RecoveryCodes));
}
