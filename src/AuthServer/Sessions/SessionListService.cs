using System.Globalization;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Sessions;

/// <summary>A request for a page of the caller's sessions, as given.</summary>
/// <param name="Ended">True or false as text; null for false.</param>
/// <param name="After">The position that the page begins after; null for the first page.</param>
/// <param name="Limit">Maximum number of sessions on the page; null for <see cref="SessionLister.MaxPage"/>.</param>
internal sealed record SessionPageRequest(string? Ended, string? After, string? Limit);

/// <summary>Lists a user's sessions, and ends those that the user names.</summary>
internal sealed class SessionListService(SessionLister lister, SessionStore sessions, SessionCommandQueue queue)
{
    /// <summary>
    /// Lists a page of the user's sessions, as <see cref="SessionLister.ListAsync"/> does. Refuses with <see
    /// cref="ErrorCode.InvalidRequest"/>.
    /// </summary>
    public async Task<Outcome<SessionPageView>> ListAsync(Guid userId, SessionPageRequest request, CancellationToken ct)
    {
        if (!bool.TryParse(request.Ended ?? "false", out var withEnded))
        {
            return Refusal.OfField("ended", "Must be true or false.");
        }

        var limit = SessionLister.MaxPage;
        if (request.Limit is not null
            && (!int.TryParse(request.Limit, NumberStyles.None, CultureInfo.InvariantCulture, out limit)
                || limit is < 1 or > SessionLister.MaxPage))
        {
            return Refusal.OfField("limit", $"Must be a number from 1 to {SessionLister.MaxPage}.");
        }

        SessionCursor? after = null;
        if (request.After is not null)
        {
            if (!SessionCursor.TryParse(request.After, out var position) || (position.HasEnded && !withEnded))
            {
                return Refusal.OfField("after", "Must be the member next of the page before.");
            }

            after = position;
        }

        return await lister.ListAsync(userId, withEnded, after, limit, ct);
    }

    /// <summary>Ends one session. Refuses with <see cref="ErrorCode.NotFound"/> if the user has no such session.</summary>
    public async Task<Outcome<Unit>> EndAsync(Guid sessionId, Guid userId, ClientInfo client) =>
        await queue.EndAsync(sessionId, EndReason.Revoked, userId, client) ? default(Unit) : ErrorCode.NotFound;

    /// <summary>
    /// Ends all sessions of the user, or all except the one of the request. Refuses with <see
    /// cref="ErrorCode.InvalidRequest"/>.
    /// </summary>
    public async Task<Outcome<Unit>> EndAllAsync(
        Guid userId, Guid asking, string? except, ClientInfo client, CancellationToken ct)
    {
        if (except is not (null or "current"))
        {
            return Refusal.OfField("except", "Must be current.");
        }

        await sessions.EndAllAsync(userId, asking, isExcepted: except is not null, client, ct);
        return default(Unit);
    }
}
