using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Sessions;
using AuthServer.Tokens;

namespace AuthServer.Passkeys;

/// <summary>A passkey to add.</summary>
/// <param name="State">The state of the options.</param>
/// <param name="Credential">The answer of the browser, by <c>toJSON</c>.</param>
/// <param name="Name">The user's name for the passkey, up to 64 characters; one by the user agent without it.</param>
internal sealed record PasskeyRequest(
    [property: Required] string? State = null, [property: Required] JsonElement? Credential = null, string? Name = null);

/// <summary>Another name of a passkey.</summary>
/// <param name="Name">The name; up to 64 characters.</param>
internal sealed record PasskeyNameRequest([property: Required] string? Name = null);

/// <summary>A login that is to be completed by a passkey.</summary>
/// <param name="Challenge">The challenge of its first step; absent for a login without a user name.</param>
internal sealed record PasskeyLoginOptionsRequest(string? Challenge = null);

/// <summary>A login by passkey.</summary>
/// <param name="State">The state of the options.</param>
/// <param name="Credential">The answer of the browser, by <c>toJSON</c>.</param>
/// <param name="DeviceName">The user's name for the device; up to 64 characters.</param>
internal sealed record PasskeyLoginRequest(
    [property: Required] string? State = null, [property: Required] JsonElement? Credential = null, string? DeviceName = null);

/// <summary>The caller's passkeys, and logins by them.</summary>
internal static class PasskeyEndpoints
{
    /// <summary>Maps the routes.</summary>
    /// <param name="routes">The server.</param>
    /// <param name="requireFresh">Lets only callers with a fresh proof pass to a route.</param>
    public static void MapPasskeys(this IEndpointRouteBuilder routes, Action<RouteHandlerBuilder> requireFresh)
    {
        var passkeys = routes.MapGroup("").WithTags("Passkeys").RequireRateLimiting(RateLimits.Sessions);
        requireFresh(passkeys.MapPost("/passkeys/options", BeginAsync)
            .WithName("BeginPasskey").WithSummary("Options for the browser to make a passkey by.")
            .Produces<PasskeyChallenge>()
            .WithProblems(ErrorCode.InvalidRequest));
        requireFresh(passkeys.MapPost("/passkeys", AddAsync)
            .WithName("AddPasskey").WithSummary("Adds a passkey, and ends the caller's other sessions.")
            .Produces<AddedPasskey>(StatusCodes.Status201Created)
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.SessionInvalid));
        passkeys.MapPatch("/passkeys/{id}", RenameAsync)
            .WithName("RenamePasskey").WithSummary("Gives a passkey another name.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.NotFound)
            .RequireAuthorization();
        requireFresh(passkeys.MapDelete("/passkeys/{id}", RemoveAsync)
            .WithName("RemovePasskey").WithSummary("Removes a passkey, and ends the caller's other sessions.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(ErrorCode.NotFound, ErrorCode.LastCredential, ErrorCode.SessionInvalid));

        var logins = routes.MapGroup("").WithTags("Passkeys").RequireRateLimiting(RateLimits.Logins);
        logins.MapPost("/login/passkey/options", BeginLoginAsync)
            .WithName("BeginPasskeyLogin")
            .WithSummary("Options for the browser to log in by a passkey, or to complete a login by one.")
            .Produces<PasskeyChallenge>()
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.SecondFactorInvalid)
            .WithOptionalBody();
        logins.MapPost("/login/passkey", LogInAsync)
            .WithName("LoginByPasskey").WithSummary("Opens a session by a passkey, which counts as two factors.")
            .Produces<TokenPair>()
            .WithProblems(
                ErrorCode.InvalidRequest, ErrorCode.InvalidCredentials, ErrorCode.EmailUnverified, ErrorCode.TooManySessions)
            .WithTransport(mayHaveNone: true)
            .WithDeviceToken();
    }

    private static async Task<IResult> BeginAsync(Caller caller, PasskeyService passkeys, CancellationToken ct) =>
        (await passkeys.BeginAsync(caller.UserId, caller.SessionId, ct)).ToResult(TypedResults.Ok);

    private static async Task<IResult> AddAsync(
        PasskeyRequest body,
        Caller caller,
        HttpContext http,
        PasskeyService passkeys,
        SessionCookie cookie,
        CancellationToken ct)
    {
        var answer = AnswerOf(http, body.State, body.Credential);
        return (await passkeys.AddAsync(answer, body.Name, CookieCallers.ChangerOf(caller, http), ct)).ToResult(added =>
        {
            cookie.Renew(http.Response, added.Handle);
            return TypedResults.Created($"/passkeys/{added.Passkey.Id}", added.Passkey);
        });
    }

    private static async Task<IResult> RenameAsync(
        string id, PasskeyNameRequest body, Caller caller, PasskeyService passkeys, CancellationToken ct) =>
        Guid.TryParseExact(id, "D", out var passkeyId)
            ? (await passkeys.RenameAsync(passkeyId, caller.UserId, body.Name, ct)).ToResult(_ => TypedResults.NoContent())
            : AuthProblems.From(ErrorCode.NotFound);

    private static async Task<IResult> RemoveAsync(
        string id, Caller caller, HttpContext http, PasskeyService passkeys, SessionCookie cookie, CancellationToken ct)
    {
        if (!Guid.TryParseExact(id, "D", out var passkeyId))
        {
            return AuthProblems.From(ErrorCode.NotFound);
        }

        return (await passkeys.RemoveAsync(passkeyId, CookieCallers.ChangerOf(caller, http), ct)).ToResult(replaced =>
        {
            cookie.Renew(http.Response, replaced);
            return TypedResults.NoContent();
        });
    }

    private static async Task<IResult> BeginLoginAsync(
        PasskeyLoginOptionsRequest? body, PasskeyLoginService logins, CancellationToken ct) =>
        (await logins.BeginAsync(body?.Challenge, ct)).ToResult(TypedResults.Ok);

    private static async Task<IResult> LogInAsync(
        PasskeyLoginRequest body, HttpContext http, PasskeyLoginService logins, SessionCookie cookie, CancellationToken ct)
    {
        var login = new PasskeyLogin(
            AnswerOf(http, body.State, body.Credential),
            body.DeviceName,
            SessionWish.Of(http.Request, cookie),
            DeviceTokens.Of(http.Request));
        return (await logins.LogInAsync(login, ct))
            .ToResult(opened => TokenPairResult.Of(opened.Pair, http, byCookie: false, opened.DeviceToken));
    }

    /// <summary>The answer of an authenticator that a request has.</summary>
    public static PasskeyAnswer AnswerOf(HttpContext http, string? state, JsonElement? credential) =>
        new(state, credential, http.ClientInfo());
}
