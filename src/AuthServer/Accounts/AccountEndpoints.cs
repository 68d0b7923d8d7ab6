using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Passkeys;
using AuthServer.Sessions;
using AuthServer.Tokens;

namespace AuthServer.Accounts;

/// <summary>An account to add.</summary>
/// <param name="Username">1 to 64 characters without a colon; one with an @ must be an email address.</param>
/// <param name="Password">8 to 256 characters unless configured otherwise, not easy to guess.</param>
/// <param name="Email">An email address. It is no login name unless it is verified.</param>
/// <param name="DisplayName">Up to 64 characters.</param>
internal sealed record RegisterRequest(
    [property: Required] string? Username = null,
    [property: Required] string? Password = null,
    string? Email = null,
    string? DisplayName = null);

/// <summary>A password to change.</summary>
/// <param name="CurrentPassword">The current password, unless the account has none.</param>
/// <param name="NewPassword">The new password.</param>
/// <param name="Code">A code of the authenticator app, or a recovery code, if the account's login asks for one.</param>
/// <param name="RefreshToken">The refresh token of the session, to get a new one and make all copies worthless.</param>
internal sealed record PasswordRequest(
    string? CurrentPassword = null,
    [property: Required] string? NewPassword = null,
    string? Code = null,
    string? RefreshToken = null);

/// <summary>A password to estimate, and names that it must not be built from.</summary>
/// <param name="Password">The password.</param>
/// <param name="Username">The user name, complete or not.</param>
/// <param name="Email">The email address, complete or not.</param>
/// <param name="DisplayName">The display name.</param>
internal sealed record PasswordEstimateRequest(
    [property: Required] string? Password = null,
    string? Username = null,
    string? Email = null,
    string? DisplayName = null);

/// <summary>A new proof of who the user is.</summary>
/// <param name="Password">The password.</param>
/// <param name="Code">A code of the authenticator app, or a recovery code, if the account's login asks for one.</param>
/// <param name="MailCode">The code of a mail, for an account without a password.</param>
/// <param name="State">The state of the options of a passkey, in place of a password.</param>
/// <param name="Credential">The answer of the browser to those options, by <c>toJSON</c>.</param>
/// <param name="RefreshToken">The refresh token of the session, to get a new one and make all copies worthless.</param>
internal sealed record ReauthenticationRequest(
    string? Password = null,
    string? Code = null,
    string? MailCode = null,
    string? State = null,
    JsonElement? Credential = null,
    string? RefreshToken = null);

/// <summary>The caller, from the claims of the access token.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Username">The user name.</param>
/// <param name="DisplayName">The display name, or the user name if there is none.</param>
/// <param name="Roles">The roles.</param>
/// <param name="Admin">True if the roles have <c>admin</c>.</param>
/// <param name="SessionId">The session's id.</param>
/// <param name="IssuedAt">The moment when the access token was issued.</param>
/// <param name="ExpiresAt">The moment from which it is refused.</param>
internal sealed record Me(
    Guid Id,
    string Username,
    string DisplayName,
    IReadOnlyList<string> Roles,
    bool Admin,
    Guid SessionId,
    DateTime IssuedAt,
    DateTime ExpiresAt)
{
    public static Me Of(Caller caller) => new(
        caller.UserId,
        caller.Username,
        caller.DisplayName,
        caller.Roles,
        caller.IsAdmin,
        caller.SessionId,
        caller.IssuedAt,
        caller.ExpiresAt);
}

/// <summary>Routes to open an account, to change its password, to reauthenticate, and to read who the caller is.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var accounts = routes.MapGroup("").WithTags("Accounts");
        accounts.MapPost("/register", RegisterAsync)
            .WithName("Register").WithSummary("Opens an account.")
            .Produces<Registered>(StatusCodes.Status201Created)
            .WithProblems(ErrorCode.InvalidRequest, ErrorCode.RegistrationClosed, ErrorCode.UsernameTaken)
            .RequireRateLimiting(RateLimits.Registrations);
        accounts.MapPost("/password", ChangePasswordAsync)
            .WithName("ChangePassword").WithSummary("Changes the caller's password and ends the caller's other sessions.")
            .WithDescription("An account without a password sets its first one, with a fresh proof.")
            .WithProblems(ErrorCode.ReauthenticationRequired)
            .TakesProofOfCaller();
        accounts.MapPost("/password/strength", EstimateAsync)
            .WithName("EstimatePassword")
            .WithSummary("Estimates a password as a new one, for a form. Reads no account, and keeps nothing.")
            .Produces<PasswordEstimate>()
            .WithProblems(ErrorCode.InvalidRequest)
            .RequireRateLimiting(RateLimits.Estimates);
        accounts.MapPost("/reauthenticate", ReauthenticateAsync)
            .WithName("Reauthenticate").WithSummary("Proves again who the caller is, for routes that need a fresh proof.")
            .TakesProofOfCaller();
        accounts.MapPost("/reauthenticate/options", FindOptionsAsync)
            .WithName("ReauthenticationOptions").WithSummary("The proofs that the caller can reauthenticate by.")
            .Produces<ReauthenticationOptions>()
            .RequireRateLimiting(RateLimits.Credentials)
            .RequireAuthorization();
        accounts.MapPost("/reauthenticate/mail", AskForCodeAsync)
            .WithName("RequestReauthenticationCode")
            .WithSummary("Sends a code by mail, by which a caller without a password can reauthenticate.")
            .Produces(StatusCodes.Status202Accepted)
            .WithProblems(ErrorCode.InvalidRequest)
            .RequireRateLimiting(RateLimits.Credentials)
            .RequireAuthorization();
        accounts.MapGet("/me", GetMe)
            .WithName("Me").WithSummary("The caller, from the access token alone, or from the session of the cookie.")
            .Produces<Me>()
            .RequireAuthorization();
        accounts.MapProfile(routes);
        accounts.MapEmail(routes);
        accounts.MapMailLogin(routes);
    }

    private static async Task<IResult> RegisterAsync(
        RegisterRequest body, HttpContext http, RegistrationService registration, CancellationToken ct)
    {
        var outcome = await registration.RegisterAsync(
            new(body.Username, body.Password, body.Email, body.DisplayName) { Locale = PreferredLanguage.Of(http.Request) },
            http.ClientInfo(),
            ct);
        return outcome.ToResult(registered => TypedResults.Created("/me", registered));
    }

    private static async Task<IResult> ChangePasswordAsync(
        PasswordRequest body, Caller caller, HttpContext http, PasswordService passwords, CancellationToken ct)
    {
        var isFresh = await FreshProofs.RefusalOfAsync(http) is null;
        return await AnswerAsync(
            http,
            caller,
            new(body.CurrentPassword, body.Code) { IsFresh = isFresh },
            body.RefreshToken,
            proving => passwords.ChangeAsync(proving, body.NewPassword, ct));
    }

    private static async Task<IResult> EstimateAsync(
        PasswordEstimateRequest body, HttpContext http, PasswordEstimateService passwords, CancellationToken ct)
    {
        var estimate = await passwords.EstimateAsync(
            body.Password, new(body.Username, body.Email, body.DisplayName), http.ClientInfo(), ct);
        return estimate.ToResult(TypedResults.Ok);
    }

    private static Task<IResult> ReauthenticateAsync(
        ReauthenticationRequest body, Caller caller, HttpContext http, ReauthenticationService service, CancellationToken ct) =>
        AnswerAsync(
            http,
            caller,
            new(
                body.Password,
                body.Code,
                body.MailCode,
                body.State is null && body.Credential is null
                    ? null
                    : PasskeyEndpoints.AnswerOf(http, body.State, body.Credential)),
            body.RefreshToken,
            proving => service.ReauthenticateAsync(proving, ct));

    private static async Task<IResult> FindOptionsAsync(Caller caller, ReauthenticationService service, CancellationToken ct) =>
        (await service.FindOptionsAsync(caller.UserId, caller.SessionId, ct)).ToResult(TypedResults.Ok);

    private static async Task<IResult> AskForCodeAsync(Caller caller, MailCodeService codes, CancellationToken ct) =>
        (await codes.AskAsync(caller.UserId, caller.SessionId, ct))
            .ToResult(_ => TypedResults.StatusCode(StatusCodes.Status202Accepted));

    private static async Task<IResult> AnswerAsync(
        HttpContext http,
        Caller caller,
        CallerProofs proofs,
        string? refreshToken,
        Func<ProvingCaller, Task<Outcome<ProvedCaller>>> proveAsync)
    {
        var handle = CookieCallers.HandleOf(http);
        if (handle is null && AnswersWithTokens.TransportOf(http.Request) is TokenTransport.Session)
        {
            return AuthProblems.From(
                Refusal.OfField(AnswersWithTokens.Parameter, "Can't be session: this session has tokens and no cookie."));
        }

        // A browser may have the cookie of another session too.
        var presented = RequestTokens.Of(http.Request, refreshToken, takesCookie: handle is null);
        if (presented.Refusal is { } refusal)
        {
            return AuthProblems.From(refusal);
        }

        var tokens = presented.Value;
        var outcome = await proveAsync(new(
            caller.UserId,
            caller.SessionId,
            proofs,
            tokens.RefreshToken,
            handle,
            DeviceTokens.Of(http.Request),
            http.ClientInfo()));
        return outcome.ToResult(proved =>
        {
            if (proved.Pair is { } pair)
            {
                return TokenPairResult.Of(pair, http, tokens.ByCookie, proved.DeviceToken);
            }

            DeviceTokens.Send(http.Response, proved.DeviceToken, AnswersWithTokens.TransportOf(http.Request));
            return TypedResults.NoContent();
        });
    }

    // The answer is a new pair, or nothing without a refresh token.
    private static void TakesProofOfCaller(this RouteHandlerBuilder route) => route
        .Produces<TokenPair>()
        .Produces(StatusCodes.Status204NoContent)
        .WithProblems(
            ErrorCode.InvalidRequest,
            ErrorCode.InvalidCredentials,
            ErrorCode.SecondFactorRequired,
            ErrorCode.SecondFactorInvalid,
            ErrorCode.TokenMismatch,
            ErrorCode.RefreshTokenInvalid,
            ErrorCode.RefreshTokenExpired,
            ErrorCode.RefreshTokenReused)
        .WithRefreshToken()
        .WithTransport(mayHaveNone: true)
        .WithDeviceToken()
        .RequireRateLimiting(RateLimits.Credentials)
        .RequireAuthorization();

    private static JsonResult<Me> GetMe(Caller caller) => new(Me.Of(caller), AccountsJson.Default.Me);
}
