using System.Text.Json.Serialization;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Storage;

namespace AuthServer.Sessions;

/// <summary>A session of the caller.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="DeviceName">The user's name for the device.</param>
/// <param name="UserAgent">The program of the login or the last use.</param>
/// <param name="IpAddress">The address of the login or the last use.</param>
/// <param name="CreatedAt">The moment of the login.</param>
/// <param name="LastUsedAt">The moment of the last refresh or the last written use of a cookie; else that of the login.</param>
/// <param name="ExpiresAt">Its end if it stays idle.</param>
/// <param name="Current">True if it is the session of this request.</param>
/// <param name="Amr">The methods of the login, as in the claim <c>amr</c>.</param>
/// <param name="EndedAt">The moment of its end; absent while it is live.</param>
/// <param name="EndReason">The reason of its end; absent while it is live.</param>
internal sealed record SessionItem(
    Guid Id,
    string? DeviceName,
    string? UserAgent,
    string? IpAddress,
    DateTime CreatedAt,
    DateTime LastUsedAt,
    DateTime ExpiresAt,
    bool Current,
    IReadOnlyList<string> Amr,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTime? EndedAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EndReason? EndReason = null);

/// <summary>A page of the caller's sessions.</summary>
/// <param name="Sessions">The live ones, newest use first, then the ended ones if asked for, latest end first.</param>
/// <param name="Total">Number of sessions on all pages.</param>
/// <param name="Next">Value of <c>after</c> for the next page; absent on the last one.</param>
internal sealed record SessionList(
    IReadOnlyList<SessionItem> Sessions,
    int Total,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Next = null);

/// <summary>The caller's devices: a list of them, and the logout of one.</summary>
internal static class SessionListEndpoints
{
    public static void MapSessionList(this IEndpointRouteBuilder sessions)
    {
        sessions.MapGet("/sessions", ListAsync)
            .WithName("Sessions")
            .WithSummary("A page of the caller's live sessions; with ended=true those that ended in the last 30 days too.")
            .Produces<SessionList>()
            .WithProblems(ErrorCode.InvalidRequest)
            .RequireAuthorization();
        sessions.MapDelete("/sessions/{id}", EndAsync)
            .WithName("EndSession").WithSummary("Logs one of the caller's devices out.")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(ErrorCode.NotFound)
            .RequireAuthorization();
    }

    private static async Task<IResult> ListAsync(
        string? ended, string? after, string? limit, Caller caller, SessionListService sessions, CancellationToken ct)
    {
        var page = await sessions.ListAsync(caller.UserId, new SessionPageRequest(ended, after, limit), ct);
        return page.ToResult(found => TypedResults.Ok(new SessionList(
            [.. found.Sessions.Select(view => ItemOf(view, caller))], found.Total, found.Next)));
    }

    private static SessionItem ItemOf(SessionView view, Caller caller) => new(
        view.Id,
        view.DeviceName,
        view.UserAgent,
        view.IpAddress,
        view.CreatedAt.UtcDateTime,
        view.LastUsedAt.UtcDateTime,
        view.ExpiresAt.UtcDateTime,
        view.Id == caller.SessionId,
        [.. AccessTokenClaims.AmrValues.Where(value => view.Methods.HasFlag(value.Method)).Select(value => value.Name)],
        view.EndedAt?.UtcDateTime,
        view.EndReason);

    private static async Task<IResult> EndAsync(string id, Caller caller, HttpContext http, SessionListService sessions) =>
        Guid.TryParseExact(id, "D", out var sessionId)
            ? (await sessions.EndAsync(sessionId, caller.UserId, http.ClientInfo())).ToResult(_ => TypedResults.NoContent())
            : AuthProblems.From(ErrorCode.NotFound);
}
