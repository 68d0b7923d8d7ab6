using System.Net;
using System.Runtime.CompilerServices;
using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Lists sessions of users. It reads in small queries, outside the write transactions. Safe to share.</summary>
internal sealed class SessionLister(IStorageProvider provider, SessionPolicy policy, TimeProvider clock)
{
    /// <summary>Time for which an ended session is kept and shown.</summary>
    public static readonly TimeSpan EndedRetention = TimeSpan.FromDays(30);

    /// <summary>Maximum number of ended sessions that a list has: the latest ones.</summary>
    public const int MaxEnded = 1000;

    // More devices than a person has, and few enough to be read for each login.
    private const int MaxRemembered = 100;

    /// <summary>Maximum number of sessions on a page.</summary>
    public const int MaxPage = 200;

    // One query for most users. SQLite keeps a thread for as long as a query takes.
    private const int ChunkSize = 1000;

    /// <summary>
    /// Lists a page of a user's sessions: the live ones, newest use first. If asked for, those follow that ended within <see
    /// cref="EndedRetention"/>, latest end first. One whose lifetime is over counts as ended, swept or not. A session that is
    /// refreshed moves to the front, and may so be missing from the pages after.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="withEnded">True to list ended sessions too.</param>
    /// <param name="after">The position that the page begins after; null for the first page.</param>
    /// <param name="limit">Maximum number of sessions on the page, up to <see cref="MaxPage"/>.</param>
    /// <param name="ct">Cancels the queries.</param>
    public async Task<SessionPageView> ListAsync(
        Guid userId, bool withEnded, SessionCursor? after, int limit, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var endedSince = now - EndedRetention;
        var (total, page) = (0, new SortedList<SessionCursor, SessionView>(limit + 2));
        await foreach (var row in ReadLiveAsync(userId, ct))
        {
            var view = SessionView.Of(row, policy, now);
            if (view.EndedAt is null || (withEnded && view.EndedAt > endedSince))
            {
                total++;
                Add(view);
            }
        }

        if (withEnded)
        {
            endedSince = await provider.ReadAsync((db, token) => BoundAsync(db, token), ct) ?? endedSince;
            total += await provider.ReadAsync((db, token) => Ended(db).CountAsync(token), ct);
            foreach (var row in await provider.ReadAsync((db, token) => NextEnded(db).ToListAsync(token), ct))
            {
                Add(SessionView.Of(row, policy, now));
            }
        }

        var hasMore = page.Count > limit;
        List<SessionView> shown = [.. page.Values.Take(limit)];
        return new SessionPageView(shown, total, hasMore ? SessionCursor.Of(shown[^1]).ToString() : null);

        IQueryable<SessionRow> Ended(AuthDbContext db) =>
            db.Sessions.AsNoTracking().Where(s => s.UserId == userId && s.EndedAt > endedSince);

        IQueryable<SessionRow> NextEnded(AuthDbContext db)
        {
            var ended = Ended(db);
            if (after is { HasEnded: true } position)
            {
                var (at, id) = (position.At, position.Id);
                ended = ended.Where(s => s.EndedAt <= at && (s.EndedAt < at || s.Id < id));
            }

            return ended.OrderByDescending(s => s.EndedAt).ThenByDescending(s => s.Id).Take(limit + 1);
        }

        // The end of the latest one that is not shown.
        Task<DateTimeOffset?> BoundAsync(AuthDbContext db, CancellationToken token) => Ended(db)
            .OrderByDescending(s => s.EndedAt).Skip(MaxEnded).Select(s => s.EndedAt).FirstOrDefaultAsync(token);

        // Keeps the first of those after the position, and one more, by which it is known that there is a next page.
        void Add(SessionView view)
        {
            var at = SessionCursor.Of(view);
            if (after is { } position && at.CompareTo(position) <= 0)
            {
                return;
            }

            page.TryAdd(at, view);
            if (page.Count > limit + 1)
            {
                page.RemoveAt(limit + 1);
            }
        }
    }

    /// <summary>Reads the sessions of a user that have not ended, those whose lifetime is over included, oldest first.</summary>
    public async IAsyncEnumerable<SessionRow> ReadLiveAsync(Guid userId, [EnumeratorCancellation] CancellationToken ct)
    {
        List<SessionRow> chunk;
        var last = Guid.Empty;
        do
        {
            chunk = await provider.ReadAsync(
                (db, token) => db.Sessions.AsNoTracking()
                    .Where(s => s.UserId == userId && s.EndedAt == null && s.Id > last)
                    .OrderBy(s => s.Id).Take(ChunkSize).ToListAsync(token),
                ct);
            foreach (var row in chunk)
            {
                last = row.Id;
                yield return row;
            }

            // Requests get a thread between two queries.
            await Task.Yield();
        }
        while (chunk.Count == ChunkSize);
    }

    /// <summary>
    /// True if a user is known in a network: a session was last used from there. It is one of the newest 100 live ones, or of the
    /// latest 100 that ended within <see cref="EndedRetention"/>.
    /// </summary>
    public Task<bool> IsKnownInAsync(Guid userId, IPNetwork network, CancellationToken ct)
    {
        var endedSince = clock.GetUtcNow() - EndedRetention;
        return provider.ReadAsync(
            async (db, token) =>
            {
                var own = db.Sessions.Where(s => s.UserId == userId);
                var live = own.Where(s => s.EndedAt == null).OrderByDescending(s => s.Id);
                var ended = own.Where(s => s.EndedAt > endedSince).OrderByDescending(s => s.EndedAt);
                return await IsAnyInAsync(live, network, token) || await IsAnyInAsync(ended, network, token);
            },
            ct);
    }

    private static async Task<bool> IsAnyInAsync(IQueryable<SessionRow> sessions, IPNetwork network, CancellationToken ct) =>
        (await sessions.Select(s => s.IpAddress).Take(MaxRemembered).ToListAsync(ct))
            .Exists(address => ClientNetworks.Of(address).Contains(network));
}
