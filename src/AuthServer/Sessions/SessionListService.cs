using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Sessions;

/// <summary>Lists a user's sessions, and ends those that the user names.</summary>
internal sealed class SessionListService(SessionStore sessions, SessionCommandQueue queue)
{
    /// <inheritdoc cref="SessionStore.ListAsync"/>
    public Task<IReadOnlyList<SessionView>> ListAsync(Guid userId, bool withEnded, CancellationToken ct) =>
        sessions.ListAsync(userId, withEnded, ct);

    /// <summary>Ends one session. Refuses with <see cref="ErrorCode.NotFound"/> if the user has no such session.</summary>
    public async Task<Outcome<Unit>> EndAsync(Guid sessionId, Guid userId, ClientInfo client) =>
        await queue.EndAsync(sessionId, EndReason.Revoked, userId, client) ? default(Unit) : ErrorCode.NotFound;

    /// <summary>Ends all sessions of the user.</summary>
    public Task EndAllAsync(Guid userId, ClientInfo client, CancellationToken ct) =>
        sessions.EndAllAsync(userId, EndReason.LogoutAll, client, ct);
}
