using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>A session and its user, as they are now.</summary>
/// <param name="State">The facts that a refresh is decided on.</param>
/// <param name="User">The user.</param>
internal sealed record SessionFacts(SessionState State, TokenSubject User);

/// <summary>Reads single sessions, outside the write transactions.</summary>
internal sealed class SessionReader(IStorageProvider provider)
{
    /// <summary>Finds a session, live or ended; null if it is unknown.</summary>
    public Task<SessionFacts?> FindAsync(Guid sessionId, CancellationToken ct) => provider.ReadAsync(
        async (db, token) =>
        {
            var found = await db.Sessions.Where(session => session.Id == sessionId)
                .Join(
                    db.Users.AsNoTracking(), session => session.UserId, user => user.Id, (session, user) => new { session, user })
                .SingleOrDefaultAsync(token);
            return found is null
                ? null
                : new SessionFacts(found.session.ToState(found.user.Disabled), found.user.ToTokenSubject());
        },
        ct);
}
