using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Sessions;

/// <summary>Reads the last proof of a session. Safe to share.</summary>
internal sealed class LastProofService(SessionReader sessions, SessionPolicy policy, TimeProvider clock)
{
    /// <summary>
    /// The moment of the last proof. Refuses with <see cref="ErrorCode.SessionEnded"/>, or with <see
    /// cref="ErrorCode.SessionInvalid"/> if the handle is from before a change of credentials.
    /// </summary>
    /// <param name="sessionId">The session of the caller.</param>
    /// <param name="handle">The handle that the caller is known by; null for an access token.</param>
    /// <param name="ct">Cancels the query.</param>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public async Task<Outcome<DateTimeOffset>> FindAsync(Guid sessionId, SessionHandle? handle, CancellationToken ct)
    {
        if (await sessions.FindAsync(sessionId, ct) is not { } session)
        {
            return new Refusal(ErrorCode.SessionEnded, EndReason.Expired);
        }

        // An access token is of no generation, so it is as good as the newest handle.
        var epoch = handle?.Epoch ?? session.State.Generation;
        return SessionUse.Decide(session.State, epoch, clock.GetUtcNow(), policy) switch
        {
            RefuseUse over => new Refusal(ErrorCode.SessionEnded, over.Reason),
            RefuseOldHandle => ErrorCode.SessionInvalid,
            _ => session.Row.AuthenticatedAt,
        };
    }
}
