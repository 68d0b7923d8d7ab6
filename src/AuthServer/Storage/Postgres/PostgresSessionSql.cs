using System.Collections.Frozen;
using System.Data.Common;
using AuthServer.Core;
using Npgsql;
using static AuthServer.Storage.Postgres.SessionParameters;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// The statements on sessions and events on PostgreSQL. A batch has no transaction around it: one statement loads and another
/// writes, conditional on what was loaded. Other nodes write too, and a lock would outlive a node that is cut off.
/// </summary>
internal sealed class PostgresSessionSql(NpgsqlConnection connection) : ISessionSql
{
    private const string Load =
        """
        SELECT s.id, user_id, generation, newest_presented, s.created_at, rotated_at, authenticated_at, methods, device_name,
            ip_address, user_agent, ended_at, end_reason, username, display_name, roles, disabled,
            verified_email
        FROM sessions s JOIN users u ON u.id = s.user_id
        """;

    // The ids come first, in an array: the planner would read the whole table for an OR of both conditions.
    private const string LoadLive =
        Load + """

        WHERE ended_at IS NULL AND s.id = ANY(
            ARRAY(SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY id LIMIT $2) || $3)
        ORDER BY s.id FOR NO KEY UPDATE OF s
        """;

    // Apart from the other changes: sessions are opened in a transaction, and a batch of refreshes has no use for so many
    // parameters.
    private const string Open =
        """
        INSERT INTO sessions (id, user_id, generation, newest_presented, created_at, rotated_at, authenticated_at, methods,
            device_name, ip_address, user_agent, ended_at, end_reason)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    // Counted events are one row for each account or network and minute. They are written in one order, or two nodes would wait
    // for each other. The target names the unique index of the row.
    private const string Count =
        """
        INSERT INTO events AS e (at, kind, user_id, session_id, reason, count, ip_address, user_agent, network, detail)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            AS r (at, kind, user_id, session_id, reason, count, ip_address, user_agent, network, detail)
        ORDER BY kind, user_id, network, at
        ON CONFLICT {target}
            DO UPDATE SET
                count = e.count + excluded.count, ip_address = excluded.ip_address, user_agent = excluded.user_agent
        """;

    // Sessions that another transaction has locked are skipped, so that the rest of a batch does not wait for it. Events and
    // notifications of a lost session are left out with it. A confirmed end is written again although
    // nothing changes. So the commit waits for the disk, and for a standby that has to have it.
    private const string Write =
        """
        WITH wanted AS (
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
                AS w (id, loaded, generation, newest_presented, rotated_at, ip_address, user_agent, ended_at, end_reason)),
        locked AS MATERIALIZED (
            SELECT id FROM sessions WHERE id = ANY($1 || $23) FOR NO KEY UPDATE SKIP LOCKED),
        written AS (
            UPDATE sessions s
            SET generation = w.generation, newest_presented = w.newest_presented, rotated_at = w.rotated_at,
                ip_address = w.ip_address, user_agent = w.user_agent, ended_at = w.ended_at, end_reason = w.end_reason
            FROM wanted w JOIN locked l ON l.id = w.id
            WHERE s.id = w.id AND s.generation = w.loaded AND s.ended_at IS NULL
            RETURNING s.id),
        confirmed AS (
            UPDATE sessions s SET end_reason = s.end_reason FROM locked l WHERE s.id = l.id AND s.id = ANY($23)
            RETURNING s.id),
        lost AS (
            SELECT unnest($1 || $23) AS id EXCEPT SELECT id FROM written EXCEPT SELECT id FROM confirmed),
        recorded AS (
            INSERT INTO events (at, kind, user_id, session_id, reason, count, ip_address, user_agent, network, detail)
            SELECT * FROM unnest($10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
                AS r (at, kind, user_id, session_id, reason, count, ip_address, user_agent, network, detail)
            WHERE NOT EXISTS (SELECT FROM lost WHERE lost.id = r.session_id))
        SELECT
            (SELECT array_agg(id) FROM lost),
            (SELECT pg_notify($24, CASE WHEN count(*) > $25 THEN $26
                    ELSE string_agg(id || ' ' || reason || ' ' || ended_at, ' ') END)
                FROM unnest($20, $21, $22) AS t (id, reason, ended_at)
                WHERE NOT EXISTS (SELECT FROM lost WHERE lost.id = t.id)
                HAVING count(*) > 0)
        """;

    // An advisory lock, because there is no row that all administrators share. The number is that of no other program.
    private const long AdministratorsLock = 0x61757468_73727632;

    public DbConnection Connection => connection;

    public bool IsOneStatement => true;

    /// <summary>Reads the sessions that ended after a moment.</summary>
    public static async Task<IReadOnlyList<SessionEnd>> EndedSinceAsync(
        NpgsqlConnection connection, DateTimeOffset moment, CancellationToken ct)
    {
        const string Ended = "SELECT id, end_reason, ended_at FROM sessions WHERE ended_at > $1";
        await using var command = new NpgsqlCommand(Ended, connection) { Parameters = { In(moment.ToUnixTimeMilliseconds()) } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ends = new List<SessionEnd>();
        while (await reader.ReadAsync(ct))
        {
            ends.Add(new SessionEnd(reader.GetGuid(0), (EndReason)reader.GetInt32(1), MomentOf(reader.GetInt64(2))));
        }

        return ends;
    }

    public async Task<Dictionary<Guid, LoadedSession>> LoadAsync(
        IReadOnlyCollection<Guid> ids, SessionChanges changes, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Load + " WHERE s.id = ANY($1)", connection)
        {
            Parameters = { In(ids.Distinct().ToArray()) },
        };
        return (await ReadAsync(command, changes, ct)).ToDictionary(session => session.Row.Id);
    }

    public async Task<List<LoadedSession>> LoadLiveAsync(
        Guid userId, int limit, Guid? besides, SessionChanges changes, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(LoadLive, connection)
        {
            Parameters = { In(userId), In(limit), In(besides ?? Guid.Empty) },
        };
        return await ReadAsync(command, changes, ct);
    }

    public async Task LockUserAsync(Guid userId, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE", connection)
        {
            Parameters = { In(userId) },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    public async Task LockAdministratorsAsync(CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection)
        {
            Parameters = { In(AdministratorsLock) },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    public async Task<IReadOnlySet<Guid>> WriteAsync(SessionChanges changes, CancellationToken ct)
    {
        if (changes.Opened.Count > 0)
        {
            await using var open = new NpgsqlCommand(Open, connection);
            open.Parameters.AddOpened(changes.Opened);
            await open.ExecuteNonQueryAsync(ct);
        }

        foreach (var counted in changes.Counted.GroupBy(TargetOf).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
#pragma warning disable CA2100 // One of the constants below.
            await using var count = new NpgsqlCommand(
                Count.Replace("{target}", counted.Key, StringComparison.Ordinal), connection);
#pragma warning restore CA2100
            count.Parameters.AddEvents([.. counted]);
            await count.ExecuteNonQueryAsync(ct);
        }

        if (changes.Changed.Count + changes.Events.Count + changes.Confirmed.Count == 0)
        {
            return FrozenSet<Guid>.Empty;
        }

        await using var command = new NpgsqlCommand(Write, connection);
        command.Parameters.AddChanged(changes.Changed);
        command.Parameters.AddEvents(changes.Events);
        command.Parameters.AddEnds(changes);
        return await command.ExecuteScalarAsync(ct) is Guid[] lost ? lost.ToFrozenSet() : FrozenSet<Guid>.Empty;
    }

    public Task NotifyAsync(CancellationToken ct) => NotifyAsync(EndNotice.Reload, ct);

    public Task NotifyAsync(SessionEpoch raised, CancellationToken ct) => NotifyAsync(EndNotice.TextOf(raised), ct);

    public async Task ProbeAsync(CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("INSERT INTO events (at, kind, user_id, count) VALUES (0, 0, $1, 0)")
                {
                    Parameters = { In(Guid.Empty) },
                },
                new NpgsqlBatchCommand("DELETE FROM events WHERE id = lastval()"),
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
    }

    public Task<int> RemoveEndedAsync(DateTimeOffset before, int limit, CancellationToken ct) => RemoveAsync(
        """
        DELETE FROM sessions WHERE id IN (
            SELECT id FROM sessions WHERE ended_at < $1 ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        before,
        limit,
        ct);

    // Events are written in the order of time, so the oldest have the lowest ids and no index on time is needed.
    public Task<int> RemoveEventsAsync(DateTimeOffset before, int limit, CancellationToken ct) => RemoveAsync(
        """
        DELETE FROM events WHERE at < $1 AND id IN (
            SELECT id FROM events ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        before,
        limit,
        ct);

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static string TargetOf(EventRow counted) => counted switch
    {
        { Network: not null } => "(kind, network, at) WHERE network IS NOT NULL",
        { Kind: EventKind.LoginFailed } => $"(user_id, at) WHERE {EventRow.IsFailedLogin}",
        _ => $"(kind, user_id, at) WHERE {EventRow.IsCountedByAccount}",
    };

    private async Task NotifyAsync(string payload, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT pg_notify($1, $2)", connection)
        {
            Parameters = { In(EndNotice.Channel), In(payload) },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task<int> RemoveAsync(string sql, DateTimeOffset before, int limit, CancellationToken ct)
    {
#pragma warning disable CA2100 // One of the constants above.
        await using var command = new NpgsqlCommand(sql, connection)
#pragma warning restore CA2100
        {
            Parameters = { In(before.ToUnixTimeMilliseconds()), In(limit) },
        };
        return await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<List<LoadedSession>> ReadAsync(
        NpgsqlCommand command, SessionChanges changes, CancellationToken ct)
    {
        await using var reader = await command.ExecuteReaderAsync(ct);
        var sessions = new List<LoadedSession>();
        while (await reader.ReadAsync(ct))
        {
            sessions.Add(RowOf(reader, changes));
        }

        return sessions;
    }

    private static LoadedSession RowOf(NpgsqlDataReader reader, SessionChanges changes)
    {
        var session = new SessionRow
        {
            Id = reader.GetGuid(0),
            UserId = reader.GetGuid(1),
            Generation = (uint)reader.GetInt64(2),
            NewestPresented = reader.IsDBNull(3) ? null : (uint)reader.GetInt64(3),
            CreatedAt = MomentOf(reader.GetInt64(4)),
            RotatedAt = MomentOf(reader.GetInt64(5)),
            AuthenticatedAt = MomentOf(reader.GetInt64(6)),
            Methods = (AuthenticationMethods)reader.GetInt32(7),
            DeviceName = Text(8),
            IpAddress = Text(9),
            UserAgent = Text(10),
            EndedAt = reader.IsDBNull(11) ? null : MomentOf(reader.GetInt64(11)),
            EndReason = reader.IsDBNull(12) ? null : (EndReason)reader.GetInt32(12),
        };
        var username = reader.GetString(13);
        var user = new TokenSubject(
            session.UserId, username, Text(14) ?? username, reader.GetFieldValue<string[]>(15), Disabled: reader.GetBoolean(16))
        {
            VerifiedEmail = Text(17),
        };
        return new LoadedSession(session, user, changes);

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    private static DateTimeOffset MomentOf(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
