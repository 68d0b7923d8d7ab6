using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>A session and its user, as they are now.</summary>
/// <param name="Row">The session.</param>
/// <param name="User">The user.</param>
internal sealed record SessionFacts(SessionRow Row, TokenSubject User)
{
    /// <summary>The facts that a refresh or a use is decided on.</summary>
    public SessionState State => Row.ToState(User.Disabled);
}

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
            return found is null ? null : new SessionFacts(found.session, found.user.ToTokenSubject());
        },
        ct);
}
