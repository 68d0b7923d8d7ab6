using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;

namespace AuthServer.Sessions;

/// <summary>Ends this session, or all of the caller's.</summary>
internal static class LogoutEndpoints
{
    public static void MapLogout(this IEndpointRouteBuilder sessions)
    {
        sessions.MapPost("/logout", LogoutAsync)
            .WithName("Logout")
            .WithSummary(
                "Ends a session by its refresh token, its access token, or both, or by its cookie. Repeating it does no harm.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(
                ErrorCode.InvalidRequest,
                ErrorCode.TokenMismatch,
                ErrorCode.AccessTokenMissing,
                ErrorCode.AccessTokenInvalid,
                ErrorCode.AccessTokenExpired)
            .WithRefreshToken()
            .WithOptionalCredentials(ApiReference.Bearer)
            .WithOptionalBody();
        sessions.MapPost("/logout/all", LogoutAllAsync)
            .WithName("LogoutAll").WithSummary("Ends every session of the caller; with except=current, every other one.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(ErrorCode.InvalidRequest)
            .RequireAuthorization();
    }

    private static async Task<IResult> LogoutAsync(
        RefreshTokenBody? body, HttpContext http, LogoutService logout, SessionCookie cookie)
    {
        var presented = RequestTokens.Of(http.Request, body?.RefreshToken);
        if (presented.Refusal is { } refusal)
        {
            return AuthProblems.From(refusal);
        }

        // A browser may have both cookies, and is logged out of both.
        var tokens = presented.Value;
        var isGiven = tokens.AccessToken is not null || (tokens.RefreshToken is not null && !tokens.ByCookie);
        var handles = isGiven ? [] : cookie.Of(http.Request);
        if (handles.Count > 0 && !TrustedOrigins.MayUseCookie(http.Request))
        {
            return AuthProblems.From(ErrorCode.CrossSite);
        }

        var outcome = await logout.LogoutAsync(tokens with { Handles = handles }, http.ClientInfo());
        if (outcome.Refusal is null && tokens.ByCookie)
        {
            RefreshCookie.Expire(http.Response);
        }

        if (outcome.Refusal is null && handles.Count > 0)
        {
            cookie.Expire(http.Response);
        }

        return outcome.ToResult(_ => TypedResults.NoContent());
    }

    private static async Task<IResult> LogoutAllAsync(
        string? except, Caller caller, HttpContext http, SessionListService sessions, CancellationToken ct) =>
        (await sessions.EndAllAsync(caller.UserId, caller.SessionId, except, http.ClientInfo(), ct))
            .ToResult(_ => TypedResults.NoContent());
}
