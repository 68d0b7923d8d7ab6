using System.Collections.Frozen;
using System.Data.Common;
using System.Text.Json;
using AuthServer.Core;
using Microsoft.Data.Sqlite;

namespace AuthServer.Storage.Sqlite;

/// <summary>
/// The statements on sessions and events on SQLite. There is one writer, so it locks nothing and loses no session.
/// </summary>
internal sealed class SqliteSessionSql(SqliteConnection connection, SqliteFile file) : ISessionSql
{
    // SQLITE_CANTOPEN.
    private const int CanNotOpen = 14;

    private const string Columns =
        """
        s.id, user_id, generation, newest_presented, s.created_at, rotated_at, authenticated_at, methods, device_name, ip_address,
        user_agent, ended_at, end_reason, username, display_name, roles, disabled,
        verified_email
        """;

    private const string InsertEvent =
        """
        INSERT INTO events (at, kind, user_id, session_id, reason, count, ip_address, user_agent, network, detail)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """;

    private readonly SqliteStatement load = new(
        connection, $"SELECT {Columns} FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ?1");

    private readonly SqliteStatement open = new(
        connection,
        """
        INSERT INTO sessions (id, user_id, generation, newest_presented, created_at, rotated_at, authenticated_at, methods,
            device_name, ip_address, user_agent, ended_at, end_reason)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        """);

    // Apart from the end, because a statement that sets ended_at maintains the index on it.
    private readonly SqliteStatement rotate = new(
        connection,
        """
        UPDATE sessions SET generation = ?2, newest_presented = ?3, rotated_at = ?4, ip_address = ?5, user_agent = ?6
        WHERE id = ?1
        """);

    private readonly SqliteStatement end = new(
        connection,
        """
        UPDATE sessions SET generation = ?2, newest_presented = ?3, rotated_at = ?4, ip_address = ?5, user_agent = ?6,
            ended_at = ?7, end_reason = ?8
        WHERE id = ?1
        """);

    private readonly SqliteStatement record = new(connection, InsertEvent);

    // Whichever of the unique indexes has the row already.
    private readonly SqliteStatement count = new(
        connection,
        $"""
        {InsertEvent} ON CONFLICT
            DO UPDATE SET count = count + excluded.count, ip_address = excluded.ip_address, user_agent = excluded.user_agent
        """);

    public DbConnection Connection => connection;

    public bool IsOneStatement => false;

    /// <summary>Reads the sessions that ended after a moment.</summary>
    public static IReadOnlyList<SessionEnd> EndedSince(SqliteConnection connection, DateTimeOffset moment)
    {
        using var since = new SqliteStatement(connection, "SELECT id, end_reason, ended_at FROM sessions WHERE ended_at > ?1");
        since.Bind(1, moment.ToUnixTimeMilliseconds());
        var ends = new List<SessionEnd>();
        while (since.Step())
        {
            var endedAt = DateTimeOffset.FromUnixTimeMilliseconds(since.Number(2)!.Value);
            ends.Add(new SessionEnd(since.Guid(0), (EndReason)since.Number(1)!, endedAt));
        }

        return ends;
    }

    // Within a process a query for each costs less than one for all, whose text would differ every time.
    public Task<Dictionary<Guid, LoadedSession>> LoadAsync(
        IReadOnlyCollection<Guid> ids, SessionChanges changes, CancellationToken ct)
    {
        var sessions = new Dictionary<Guid, LoadedSession>(ids.Count);
        foreach (var id in ids)
        {
            load.Bind(1, id);
            while (load.Step())
            {
                sessions.TryAdd(id, RowOf(load, changes));
            }
        }

        return Task.FromResult(sessions);
    }

    public Task<List<LoadedSession>> LoadLiveAsync(
        Guid userId, int limit, Guid? besides, SessionChanges changes, CancellationToken ct)
    {
        using var live = new SqliteStatement(
            connection,
            $"""
            SELECT {Columns} FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE ended_at IS NULL AND s.id IN (
                SELECT id FROM (SELECT id FROM sessions WHERE user_id = ?1 AND ended_at IS NULL ORDER BY id LIMIT ?2)
                UNION ALL SELECT ?3)
            ORDER BY s.id
            """);
        live.Bind(1, userId);
        live.Bind(2, limit);
        live.Bind(3, besides ?? Guid.Empty);
        var sessions = new List<LoadedSession>();
        while (live.Step())
        {
            sessions.Add(RowOf(live, changes));
        }

        return Task.FromResult(sessions);
    }

    public Task LockUserAsync(Guid userId, CancellationToken ct) => Task.CompletedTask;

    public Task LockAdministratorsAsync(CancellationToken ct) => Task.CompletedTask;

    public Task<IReadOnlySet<Guid>> WriteAsync(SessionChanges changes, CancellationToken ct)
    {
        if (!file.IsInPlace)
        {
            throw new SqliteException($"{file.Path} or its log was moved, replaced or removed; restart the server.", CanNotOpen);
        }

        foreach (var session in changes.Opened)
        {
            Open(session);
        }

        foreach (var session in changes.Changed)
        {
            Update(session.Row);
        }

        foreach (var one in changes.Events)
        {
            Insert(one, record);
        }

        foreach (var one in changes.Counted)
        {
            Insert(one, count);
        }

        return Task.FromResult<IReadOnlySet<Guid>>(FrozenSet<Guid>.Empty);
    }

    // The nodes of a file are one server and its commands; the server polls.
    public Task NotifyAsync(CancellationToken ct) => Task.CompletedTask;

    public Task NotifyAsync(SessionEpoch raised, CancellationToken ct) => Task.CompletedTask;

    public Task ProbeAsync(CancellationToken ct)
    {
        Insert(new EventRow(), record);
        using var remove = new SqliteStatement(connection, "DELETE FROM events WHERE id = last_insert_rowid()");
        remove.Step();
        return Task.CompletedTask;
    }

    public Task<int> RemoveEndedAsync(DateTimeOffset before, int limit, CancellationToken ct) => RemoveAsync(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)",
        before,
        limit);

    // Events are written in the order of time, so the oldest have the lowest ids and no index on time is needed.
    public Task<int> RemoveEventsAsync(DateTimeOffset before, int limit, CancellationToken ct) => RemoveAsync(
        "DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT ?2) AND at < ?1",
        before,
        limit);

    public async ValueTask DisposeAsync()
    {
        await using (connection)
        using (load)
        using (open)
        using (rotate)
        using (end)
        using (record)
        using (count)
        {
        }
    }

    private Task<int> RemoveAsync(string sql, DateTimeOffset before, int limit)
    {
        using var remove = new SqliteStatement(connection, sql);
        remove.Bind(1, before.ToUnixTimeMilliseconds());
        remove.Bind(2, limit);
        remove.Step();
        return Task.FromResult(remove.Changes);
    }

    private void Open(SessionRow session)
    {
        open.Bind(1, session.Id);
        open.Bind(2, session.UserId);
        open.Bind(3, session.Generation);
        open.Bind(4, session.NewestPresented);
        open.Bind(5, session.CreatedAt.ToUnixTimeMilliseconds());
        open.Bind(6, session.RotatedAt.ToUnixTimeMilliseconds());
        open.Bind(7, session.AuthenticatedAt.ToUnixTimeMilliseconds());
        open.Bind(8, (long)session.Methods);
        open.Bind(9, session.DeviceName);
        open.Bind(10, session.IpAddress);
        open.Bind(11, session.UserAgent);
        open.Bind(12, session.EndedAt?.ToUnixTimeMilliseconds());
        open.Bind(13, (long?)session.EndReason);
        open.Step();
    }

    private void Update(SessionRow session)
    {
        var statement = session.EndedAt is null ? rotate : end;
        statement.Bind(1, session.Id);
        statement.Bind(2, session.Generation);
        statement.Bind(3, session.NewestPresented);
        statement.Bind(4, session.RotatedAt.ToUnixTimeMilliseconds());
        statement.Bind(5, session.IpAddress);
        statement.Bind(6, session.UserAgent);
        if (session.EndedAt is { } endedAt)
        {
            statement.Bind(7, endedAt.ToUnixTimeMilliseconds());
            statement.Bind(8, (long?)session.EndReason);
        }

        statement.Step();
    }

    private static void Insert(EventRow row, SqliteStatement insert)
    {
        insert.Bind(1, row.At.ToUnixTimeMilliseconds());
        insert.Bind(2, (long)row.Kind);
        insert.Bind(3, row.UserId);
        insert.Bind(4, row.SessionId);
        insert.Bind(5, (long?)row.Reason);
        insert.Bind(6, row.Count);
        insert.Bind(7, row.IpAddress);
        insert.Bind(8, row.UserAgent);
        insert.Bind(9, row.Network);
        insert.Bind(10, row.Detail);
        insert.Step();
    }

    private static LoadedSession RowOf(SqliteStatement row, SessionChanges changes)
    {
        var session = new SessionRow
        {
            Id = row.Guid(0),
            UserId = row.Guid(1),
            Generation = (uint)row.Number(2)!,
            NewestPresented = (uint?)row.Number(3),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Number(4)!.Value),
            RotatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Number(5)!.Value),
            AuthenticatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Number(6)!.Value),
            Methods = (AuthenticationMethods)row.Number(7)!,
            DeviceName = row.Text(8),
            IpAddress = row.Text(9),
            UserAgent = row.Text(10),
            EndedAt = row.Number(11) is { } endedAt ? DateTimeOffset.FromUnixTimeMilliseconds(endedAt) : null,
            EndReason = (EndReason?)row.Number(12),
        };
        var username = row.Text(13)!;
        var roles = row.Text(15)!;
        var user = new TokenSubject(
            session.UserId,
            username,
            row.Text(14) ?? username,

            // Most users have none.
            roles == "[]" ? [] : JsonSerializer.Deserialize<string[]>(roles)!,
            Disabled: row.Number(16) != 0)
        {
            VerifiedEmail = row.Text(17),
        };
        return new LoadedSession(session, user, changes);
    }
}
