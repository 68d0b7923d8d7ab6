using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Tokens;

namespace AuthServer.Sessions;

/// <summary>A refresh token in a body.</summary>
/// <param name="RefreshToken">72 characters, as a login or a refresh returned them.</param>
internal sealed record RefreshTokenBody(string? RefreshToken = null);

/// <summary>Trades a refresh token for a new pair.</summary>
internal static class RefreshEndpoint
{
    public static void MapRefresh(this IEndpointRouteBuilder sessions) => sessions.MapPost("/refresh", HandleAsync)
        .WithName("Refresh")
        .WithSummary("Trades a refresh token for a new pair; within the grace a retry gets the same refresh token again.")
        .Produces<TokenPair>()
        .WithProblems(
            ErrorCode.InvalidRequest,
            ErrorCode.TokenMismatch,
            ErrorCode.RefreshTokenMissing,
            ErrorCode.RefreshTokenInvalid,
            ErrorCode.RefreshTokenExpired,
            ErrorCode.RefreshTokenReused,
            ErrorCode.SessionEnded)
        .WithOptionalCredentials(ApiReference.Bearer)
        .WithOptionalBody()
        .WithRefreshToken()
        .WithTransport();

    private static async Task<IResult> HandleAsync(RefreshTokenBody? body, HttpContext http, RefreshService refresh)
    {
        var presented = RequestTokens.Of(http.Request, body?.RefreshToken);
        if (presented.Refusal is { } refusal)
        {
            return AuthProblems.From(refusal);
        }

        var outcome = await refresh.RefreshAsync(presented.Value, http.ClientInfo());
        return outcome.ToResult(pair => TokenPairResult.Of(pair, http, presented.Value.ByCookie));
    }
}
