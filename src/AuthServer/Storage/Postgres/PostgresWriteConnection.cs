using System.Collections.Frozen;
using System.Data;
using AuthServer.Core;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// A turn to write on PostgreSQL, over a connection that is borrowed for it. Without <see cref="Db"/> it has no transaction of its own:
/// one statement reads and another writes, conditional on what was read, for others write too and a lock would outlive a node that is
/// cut off.
/// </summary>
internal sealed class PostgresWriteConnection(
    NpgsqlDataSource source, Func<NpgsqlConnection, AuthDbContext> attach) : IWriteConnection
{
    private const string ReadSessions =
        """
        SELECT s.id, user_id, generation, s.created_at, rotated_at, ip_address, user_agent, ended_at, end_reason,
            username, display_name, roles, disabled
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = ANY($1)
        """;

    // Rows are locked in the order of their ids, for an update alone promises none, and batches of two nodes would wait for each other.
    // The same goes for failed logins, which are one row for each user and minute: 2 is LoginFailed. What is recorded and told of a session
    // that was lost is left out with it.
    private const string Write =
        """
        WITH wanted AS (
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
                AS w (id, read, generation, rotated_at, ip_address, user_agent, ended_at, end_reason)),
        locked AS MATERIALIZED (
            SELECT id FROM sessions WHERE id = ANY($1 || $22) ORDER BY id FOR NO KEY UPDATE),
        written AS (
            UPDATE sessions s
            SET generation = w.generation, rotated_at = w.rotated_at, ip_address = w.ip_address, user_agent = w.user_agent,
                ended_at = w.ended_at, end_reason = w.end_reason
            FROM wanted w JOIN locked l ON l.id = w.id
            WHERE s.id = w.id AND s.generation = w.read AND s.ended_at IS NULL
            RETURNING s.id),
        lost AS (
            SELECT id FROM wanted EXCEPT SELECT id FROM written),
        recorded AS (
            INSERT INTO events AS e (at, kind, user_id, session_id, reason, count, ip_address, user_agent)
            SELECT * FROM unnest($9, $10, $11, $12, $13, $14, $15, $16)
                AS r (at, kind, user_id, session_id, reason, count, ip_address, user_agent)
            WHERE NOT EXISTS (SELECT FROM lost WHERE lost.id = r.session_id)
            ORDER BY user_id, at
            ON CONFLICT (user_id, at) WHERE kind = 2
                DO UPDATE SET count = e.count + excluded.count, ip_address = excluded.ip_address, user_agent = excluded.user_agent),
        confirmed AS (
            UPDATE sessions s SET end_reason = s.end_reason FROM locked l WHERE s.id = l.id AND s.id = ANY($22))
        SELECT
            (SELECT array_agg(id) FROM lost),
            (SELECT pg_notify($19, CASE WHEN count(*) > $20 THEN $21 ELSE string_agg(id || ' ' || reason || ' ' || ended_at, ' ') END)
                FROM unnest($17, $18, $23) AS t (id, reason, ended_at)
                WHERE NOT EXISTS (SELECT FROM lost WHERE lost.id = t.id)
                HAVING count(*) > 0)
        """;

    private NpgsqlConnection? connection;
    private NpgsqlTransaction? transaction;
    private AuthDbContext? db;

    public AuthDbContext Db
    {
        get
        {
            if (db is null)
            {
                transaction = Open.BeginTransaction();
                db = attach(Open);
                db.Database.UseTransaction(transaction);
            }

            return db;
        }
    }

    public bool IsBroken => connection is { State: ConnectionState.Closed };

    private NpgsqlConnection Open => connection!;

    public async Task BeginAsync(CancellationToken ct) => connection = await source.OpenConnectionAsync(ct);

    public async Task<Dictionary<Guid, LoadedSession>> ReadAsync(IReadOnlyCollection<Guid> ids)
    {
        var sessions = new Dictionary<Guid, LoadedSession>(ids.Count);
        await using var command = new NpgsqlCommand(ReadSessions, Open) { Parameters = { In(ids.Distinct().ToArray()) } };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var session = RowOf(reader);
            sessions.Add(session.Row.Id, session);
        }

        return sessions;
    }

    public Task LockUserAsync(Guid userId) =>
        Db.Database.ExecuteSqlAsync($"SELECT FROM users WHERE id = {userId} FOR NO KEY UPDATE");

    public Task LockSessionsAsync(Guid userId) =>
        Db.Database.ExecuteSqlAsync($"SELECT FROM sessions WHERE user_id = {userId} AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE");

    public async Task<IReadOnlySet<Guid>> CommitAsync(WriteTransaction turn)
    {
        if (db is not null)
        {
            await db.SaveChangesAsync(CancellationToken.None);
        }

        var lost = await WriteAsync(turn);
        if (transaction is not null)
        {
            await transaction.CommitAsync(CancellationToken.None);
        }

        await DisposeAsync();
        return lost;
    }

    public async ValueTask DisposeAsync()
    {
        // From the last to the first, and each whatever became of those before it.
        await using (connection)
        await using (transaction)
        await using (db)
        {
            (db, transaction, connection) = (null, null, null);
        }
    }

    private async Task<IReadOnlySet<Guid>> WriteAsync(WriteTransaction turn)
    {
        LoadedSession[] changed = [.. turn.Changed];
        var (events, told) = (turn.Events, turn.Told);
        if (changed.Length + events.Count + told.Count == 0)
        {
            return FrozenSet<Guid>.Empty;
        }

        await using var command = new NpgsqlCommand(Write, Open)
        {
            Parameters =
            {
                In(Array.ConvertAll(changed, session => session.Row.Id)),
                In(Array.ConvertAll(changed, session => (long)session.ReadGeneration)),
                In(Array.ConvertAll(changed, session => (long)session.Row.Generation)),
                In(Array.ConvertAll(changed, session => session.Row.RotatedAt.ToUnixTimeMilliseconds())),
                In(Array.ConvertAll(changed, session => session.Row.IpAddress)),
                In(Array.ConvertAll(changed, session => session.Row.UserAgent)),
                In(Array.ConvertAll(changed, session => session.Row.EndedAt?.ToUnixTimeMilliseconds())),
                In(Array.ConvertAll(changed, session => (int?)session.Row.EndReason)),
                In(events.Select(one => one.At.ToUnixTimeMilliseconds()).ToArray()),
                In(events.Select(one => (int)one.Kind).ToArray()),
                In(events.Select(one => one.UserId).ToArray()),
                In(events.Select(one => one.SessionId).ToArray()),
                In(events.Select(one => (int?)one.Reason).ToArray()),
                In(events.Select(one => one.Count).ToArray()),
                In(events.Select(one => one.IpAddress).ToArray()),
                In(events.Select(one => one.UserAgent).ToArray()),
                In(told.Select(end => end.SessionId).ToArray()),
                In(told.Select(end => (int)end.Reason).ToArray()),
                In(EndNotice.Channel),
                In(EndNotice.MostEnds),
                In(EndNotice.Reload),

                // Written again though nothing changes, so that the commit waits for the disk, and for a standby that has to have it.
                In(turn.Confirmed.Select(end => end.SessionId).ToArray()),
                In(told.Select(end => end.EndedAt.ToUnixTimeMilliseconds()).ToArray()),
            },
        };
        return await command.ExecuteScalarAsync() is Guid[] lost ? lost.ToFrozenSet() : FrozenSet<Guid>.Empty;
    }

    private static NpgsqlParameter<T> In<T>(T value) => new() { TypedValue = value };

    private static LoadedSession RowOf(NpgsqlDataReader reader)
    {
        var row = new SessionRow
        {
            Id = reader.GetGuid(0),
            UserId = reader.GetGuid(1),
            Generation = (uint)reader.GetInt64(2),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3)),
            RotatedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)),
            IpAddress = Text(5),
            UserAgent = Text(6),
            EndedAt = reader.IsDBNull(7) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(7)),
            EndReason = reader.IsDBNull(8) ? null : (EndReason)reader.GetInt32(8),
        };
        var username = reader.GetString(9);
        var user = new TokenSubject(row.UserId, username, Text(10) ?? username, reader.GetFieldValue<string[]>(11), reader.GetBoolean(12));
        return new LoadedSession(row, user);

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
