using System.Runtime.CompilerServices;
using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>A session of any account as operators see it.</summary>
/// <param name="Username">The name of its user.</param>
/// <param name="Session">The session.</param>
internal sealed record OwnedSessionView(string Username, SessionView Session);

/// <summary>An account as operators see it.</summary>
/// <param name="User">The account.</param>
/// <param name="LiveSessions">Number of its live sessions.</param>
/// <param name="LastLoginAt">The moment of its last login; null if none is recorded.</param>
/// <param name="RecentFailures">
/// Number of failed passwords, second factors and passkeys within <see cref="Overview.Recent"/>.
/// </param>
internal sealed record AccountView(UserRow User, int LiveSessions, DateTimeOffset? LastLoginAt, int RecentFailures);

/// <summary>Reads sessions and accounts for operators.</summary>
internal sealed class Overview(IStorageProvider provider, SessionPolicy policy, TimeProvider clock)
{
    /// <summary>Time for which failures count as recent.</summary>
    public static readonly TimeSpan Recent = TimeSpan.FromDays(1);

    private const int PageSize = 500;

    // Greater than every id of a session, which has a version.
    private static readonly Guid Last = Guid.AllBitsSet;

    /// <summary>Lists sessions, the newest login first, of which only one page is in memory.</summary>
    /// <param name="userId">The account; null for all.</param>
    /// <param name="withEnded">True for those that have ended too, as long as they are stored.</param>
    /// <param name="ct">Cancels the list.</param>
    public async IAsyncEnumerable<OwnedSessionView> ListSessionsAsync(
        Guid? userId, bool withEnded, [EnumeratorCancellation] CancellationToken ct)
    {
        var (now, page) = (clock.GetUtcNow(), await ReadAsync(userId, withEnded, Last, ct));
        while (page.Count > 0)
        {
            foreach (var (row, username) in page)
            {
                var view = SessionView.Of(row, policy, now);
                if (withEnded || view.EndedAt is null)
                {
                    yield return new OwnedSessionView(username, view);
                }
            }

            page = await ReadAsync(userId, withEnded, page[^1].Row.Id, ct);
        }
    }

    /// <summary>Reads an account; null if there is none.</summary>
    public Task<AccountView?> FindAccountAsync(Guid id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (idleSince, createdBefore, recent) = (now - policy.IdleLifetime, now - policy.AbsoluteLifetime, now - Recent);
        return provider.ReadAsync(
            async (db, token) =>
            {
                if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, token) is not { } user)
                {
                    return null;
                }

                var live = await db.Sessions.CountAsync(
                    s => s.UserId == id && s.EndedAt == null && s.RotatedAt > idleSince && s.CreatedAt > createdBefore, token);
                var login = await db.Events.Where(e => e.UserId == id && e.Kind == EventKind.Login)
                    .OrderByDescending(e => e.Id).Select(e => (DateTimeOffset?)e.At).FirstOrDefaultAsync(token);
                var failures = await db.Events
                    .Where(e => e.UserId == id && e.At > recent && (e.Kind == EventKind.LoginFailed
                        || e.Kind == EventKind.SecondFactorFailed || e.Kind == EventKind.PasskeyRejected))
                    .SumAsync(e => e.Count, token);
                return new AccountView(user, live, login, failures);
            },
            ct);
    }

    private Task<List<(SessionRow Row, string Username)>> ReadAsync(
        Guid? userId, bool withEnded, Guid before, CancellationToken ct) => provider.ReadAsync(
        async (db, token) =>
        {
            var rows =
                from session in db.Sessions
                where session.Id < before && (withEnded || session.EndedAt == null)
                    && (userId == null || session.UserId == userId)
                join user in db.Users on session.UserId equals user.Id
                orderby session.Id descending
                select new { Row = session, user.Username };
            return (await rows.Take(PageSize).ToListAsync(token)).ConvertAll(one => (one.Row, one.Username));
        },
        ct);
}
