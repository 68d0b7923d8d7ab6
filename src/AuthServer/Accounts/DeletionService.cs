using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>Deletes accounts. Safe to share.</summary>
internal sealed class DeletionService(DeletionStore deletions)
{
    /// <summary>
    /// Deletes the caller's account and ends its sessions. Refuses with <see cref="ErrorCode.SessionEnded"/> if the session has
    /// ended meanwhile, or with <see cref="ErrorCode.LastAdmin"/>.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session of the request.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work up to its commit. Sessions may have ended.</param>
    public async Task<Outcome<Unit>> DeleteAsync(Guid userId, Guid sessionId, ClientInfo client, CancellationToken ct) =>
        await deletions.DeleteAsync(userId, sessionId, client, ct) switch
        {
            AccountResult.Changed => default(Unit),
            AccountResult.LastAdministrator => ErrorCode.LastAdmin,
            _ => new Refusal(ErrorCode.SessionEnded, EndReason.Disabled),
        };
}
