using System.Runtime.CompilerServices;
using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>The rows of an account of which there are few.</summary>
/// <param name="User">The account.</param>
/// <param name="Identities">Its identities at other providers, the oldest first.</param>
/// <param name="Passkeys">Its passkeys, the oldest first.</param>
/// <param name="AppConfirmedAt">The moment since when it has an authenticator app; null if it has none.</param>
/// <param name="RecoveryCodes">Number of its recovery codes that are left.</param>
/// <param name="GivenUpNames">The names that it has given up, the oldest first.</param>
internal sealed record AccountRows(
    UserRow User,
    IReadOnlyList<ExternalIdentityRow> Identities,
    IReadOnlyList<PasskeyRow> Passkeys,
    DateTimeOffset? AppConfirmedAt,
    int RecoveryCodes,
    IReadOnlyList<ReservedNameRow> GivenUpNames);

/// <summary>Reads everything about an account, in small queries. Safe to share.</summary>
internal sealed class ExportStore(TransactionRunner runner, IStorageProvider provider, AuditLog events)
{
    /// <summary>
    /// Maximum number of sessions, of events and of mails in an export: the newest. One more is read, by which it is known that
    /// there are more.
    /// </summary>
    public const int MaxRows = 10_000;

    private const int PageSize = 500;

    // Greater than every id, which has a version.
    private static readonly Guid Last = Guid.AllBitsSet;

    /// <summary>
    /// Records an export and reads the rows of which there are few. Null if there is no such account, or if the session has
    /// ended.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session that asks; null for an operator.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work.</param>
    public async Task<AccountRows?> BeginAsync(Guid userId, Guid? sessionId, ClientInfo client, CancellationToken ct)
    {
        var mayRead = await runner.RunAsync(
            async (transaction, token) =>
            {
                if (await transaction.LoadUserAsync(userId, token) is not { } user
                    || (sessionId is { } asking && !await transaction.MayAskAsync(user, asking, token)))
                {
                    return false;
                }

                transaction.Record(new SecurityEvent(EventKind.AccountExported, client, userId) { SessionId = sessionId });
                return true;
            },
            ct);
        return mayRead ? await FindAsync(userId, ct) : null;
    }

    /// <summary>Reads the sessions of an account, live and ended, the newest login first.</summary>
    public IAsyncEnumerable<SessionRow> ReadSessionsAsync(Guid userId, CancellationToken ct) => ReadPagesAsync(
        (db, before) => db.Sessions.Where(s => s.UserId == userId && s.Id < before).OrderByDescending(s => s.Id),
        session => session.Id,
        ct);

    /// <summary>Reads the mails to an account, the newest first.</summary>
    public IAsyncEnumerable<MailRow> ReadMailsAsync(Guid userId, CancellationToken ct) => ReadPagesAsync(
        (db, before) => db.Mails.AsNoTracking()
            .Where(m => m.UserId == userId && m.Id < before).OrderByDescending(m => m.Id),
        mail => mail.Id,
        ct);

    /// <summary>Reads the events about an account, the newest first.</summary>
    public IAsyncEnumerable<EventRow> ReadEventsAsync(Guid userId, CancellationToken ct) =>
        events.ListAsync(new EventFilter(userId), ct).Take(MaxRows + 1).Select(view => view.Row);

    private Task<AccountRows?> FindAsync(Guid userId, CancellationToken ct) => provider.ReadAsync(
        async (db, token) =>
            await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId && u.DeletedAt == null, token) is { } user
                ? new AccountRows(
                    user,
                    await db.ExternalIdentities.AsNoTracking()
                        .Where(row => row.UserId == userId).OrderBy(row => row.CreatedAt).ToListAsync(token),
                    await db.Passkeys.AsNoTracking()
                        .Where(row => row.UserId == userId).OrderBy(row => row.CreatedAt).ToListAsync(token),
                    await db.Totps.Where(row => row.UserId == userId).Select(row => row.ConfirmedAt).SingleOrDefaultAsync(token),
                    await db.RecoveryCodes.CountAsync(row => row.UserId == userId, token),
                    await db.ReservedNames.AsNoTracking()
                        .Where(row => row.UserId == userId).OrderBy(row => row.ReservedAt).ToListAsync(token))
                : null,
        ct);

    private async IAsyncEnumerable<T> ReadPagesAsync<T>(
        Func<AuthDbContext, Guid, IQueryable<T>> before, Func<T, Guid> idOf, [EnumeratorCancellation] CancellationToken ct)
    {
        List<T> page;
        var (last, left) = (Last, MaxRows + 1);
        do
        {
            page = await provider.ReadAsync(
                (db, token) => before(db, last).Take(Math.Min(PageSize, left)).ToListAsync(token), ct);
            left -= page.Count;
            foreach (var row in page)
            {
                last = idOf(row);
                yield return row;
            }
        }
        while (page.Count == PageSize && left > 0);
    }
}
