using System.Text.Json.Serialization;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;

namespace AuthServer.Sessions;

/// <summary>A session of the caller.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="DeviceName">The user's name for the device.</param>
/// <param name="UserAgent">The program of the login or the last refresh.</param>
/// <param name="IpAddress">The address of the login or the last refresh.</param>
/// <param name="CreatedAt">The moment of the login.</param>
/// <param name="LastUsedAt">The moment of the last refresh; that of the login until there is one.</param>
/// <param name="ExpiresAt">Its end if it stays idle.</param>
/// <param name="Current">True if it is the session of this request.</param>
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
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTime? EndedAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EndReason? EndReason = null);

/// <summary>The caller's sessions.</summary>
/// <param name="Sessions">The live ones, newest use first, then the ended ones if asked for.</param>
internal sealed record SessionList(IReadOnlyList<SessionItem> Sessions);

/// <summary>The caller's devices: a list of them, and the logout of one.</summary>
internal static class SessionListEndpoints
{
    public static void MapSessionList(this IEndpointRouteBuilder sessions)
    {
        sessions.MapGet("/sessions", ListAsync)
            .WithName("Sessions")
            .WithSummary("The caller's live sessions; with ended=true those that ended in the last 30 days too.")
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
        string? ended, Caller caller, SessionListService sessions, CancellationToken ct)
    {
        if (!bool.TryParse(ended ?? "false", out var withEnded))
        {
            return AuthProblems.From(Refusal.OfField("ended", "Must be true or false."));
        }

        var views = await sessions.ListAsync(caller.UserId, withEnded, ct);
        return TypedResults.Ok(new SessionList([.. views.Select(view => new SessionItem(
            view.Id,
            view.DeviceName,
            view.UserAgent,
            view.IpAddress,
            view.CreatedAt.UtcDateTime,
            view.LastUsedAt.UtcDateTime,
            view.ExpiresAt.UtcDateTime,
            view.Id == caller.SessionId,
            view.EndedAt?.UtcDateTime,
            view.EndReason))]));
    }

    private static async Task<IResult> EndAsync(string id, Caller caller, HttpContext http, SessionListService sessions) =>
        Guid.TryParseExact(id, "D", out var sessionId)
            ? (await sessions.EndAsync(sessionId, caller.UserId, http.ClientInfo())).ToResult(_ => TypedResults.NoContent())
            : AuthProblems.From(ErrorCode.NotFound);
}
