using System.Runtime.CompilerServices;
using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Events to list: all, unless a property says otherwise.</summary>
/// <param name="UserId">The account.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Since">The first moment.</param>
internal sealed record EventFilter(Guid? UserId = null, EventKind? Kind = null, DateTimeOffset? Since = null);

/// <summary>An event as operators see it.</summary>
/// <param name="Row">The event.</param>
/// <param name="Username">The name of its account; null if it has none, or if the account is gone.</param>
internal sealed record EventView(EventRow Row, string? Username);

/// <summary>Reads the audit log.</summary>
internal sealed class AuditLog(IStorageProvider provider)
{
    private const int PageSize = 500;

    // By how much later than its moment an event may be written: counts wait, and clocks of nodes differ.
    private static readonly TimeSpan Delay = TimeSpan.FromMinutes(10);

    /// <summary>True if there are events of an account, in use or deleted.</summary>
    public Task<bool> HasEventsAsync(Guid userId, CancellationToken ct) =>
        provider.ReadAsync((db, token) => db.Events.AnyAsync(e => e.UserId == userId, token), ct);

    /// <summary>Lists events, the newest first, of which only one page is in memory.</summary>
    public async IAsyncEnumerable<EventView> ListAsync(EventFilter filter, [EnumeratorCancellation] CancellationToken ct)
    {
        var page = await ReadAsync(filter, long.MaxValue, ct);
        while (page.Count > 0)
        {
            foreach (var one in page)
            {
                // Events have no index on their moment, because their ids are in the order of time.
                if (one.Row.At < filter.Since - Delay)
                {
                    yield break;
                }

                if (!(one.Row.At < filter.Since))
                {
                    yield return one;
                }
            }

            page = await ReadAsync(filter, page[^1].Row.Id, ct);
        }
    }

    private Task<List<EventView>> ReadAsync(EventFilter filter, long before, CancellationToken ct) => provider.ReadAsync(
        (db, token) =>
        {
            var events = db.Events.Where(e => e.Id < before);
            if (filter.UserId is { } user)
            {
                events = events.Where(e => e.UserId == user);
            }

            if (filter.Kind is { } kind)
            {
                events = events.Where(e => e.Kind == kind);
            }

            return events.OrderByDescending(e => e.Id).Take(PageSize)
                .Select(e => new EventView(
                    e, db.Users.Where(u => u.Id == e.UserId && u.DeletedAt == null).Select(u => u.Username).FirstOrDefault()))
                .ToListAsync(token);
        },
        ct);
}
