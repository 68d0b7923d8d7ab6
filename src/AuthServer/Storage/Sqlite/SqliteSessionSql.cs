using System.Text.Json;
using AuthServer.Core;
using Microsoft.Data.Sqlite;

namespace AuthServer.Storage.Sqlite;

/// <summary>Sessions, and what became of them, by statements that stay prepared. Used inside a transaction; not safe to share.</summary>
internal sealed class SqliteSessionSql(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement find = new(
        connection,
        """
        SELECT user_id, generation, s.created_at, rotated_at, ip_address, user_agent, ended_at, end_reason,
            username, display_name, roles, disabled
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = ?1
        """);

    // By itself, for a statement that sets ended_at has the index on it to look after.
    private readonly SqliteStatement rotate = new(
        connection, "UPDATE sessions SET generation = ?2, rotated_at = ?3, ip_address = ?4, user_agent = ?5 WHERE id = ?1");

    private readonly SqliteStatement end = new(
        connection, "UPDATE sessions SET generation = ?2, rotated_at = ?3, ip_address = ?4, user_agent = ?5, ended_at = ?6, end_reason = ?7 WHERE id = ?1");

    // 2 is LoginFailed, which is counted by the minute.
    private readonly SqliteStatement record = new(
        connection,
        """
        INSERT INTO events (at, kind, user_id, session_id, reason, count, ip_address, user_agent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (user_id, at) WHERE kind = 2
            DO UPDATE SET count = count + excluded.count, ip_address = excluded.ip_address, user_agent = excluded.user_agent
        """);

    /// <summary>The sessions that ended after a moment.</summary>
    public static IReadOnlyList<SessionEnd> EndedSince(SqliteConnection connection, DateTimeOffset moment)
    {
        using var since = new SqliteStatement(connection, "SELECT id, end_reason, ended_at FROM sessions WHERE ended_at > ?1");
        since.Bind(1, moment);
        var ends = new List<SessionEnd>();
        while (since.Step())
        {
            ends.Add(new SessionEnd(since.Guid(0), (EndReason)since.Number(1), since.Moment(2)));
        }

        return ends;
    }

    // In this process a query for each costs less than one for all, whose text or table of ids would differ every time.
    public Dictionary<Guid, LoadedSession> Read(IEnumerable<Guid> ids)
    {
        var sessions = new Dictionary<Guid, LoadedSession>();
        foreach (var id in ids)
        {
            if (!sessions.ContainsKey(id) && Find(id) is { } session)
            {
                sessions.Add(id, session);
            }
        }

        return sessions;
    }

    public void Write(SessionRow session)
    {
        var statement = session.EndedAt is null ? rotate : end;
        statement.Bind(1, session.Id);
        statement.Bind(2, session.Generation);
        statement.Bind(3, session.RotatedAt);
        statement.Bind(4, session.IpAddress);
        statement.Bind(5, session.UserAgent);
        if (session.EndedAt is not null)
        {
            statement.Bind(6, session.EndedAt);
            statement.Bind(7, (long?)session.EndReason);
        }

        statement.Execute();
    }

    public void Record(EventRow row)
    {
        record.Bind(1, row.At);
        record.Bind(2, (long)row.Kind);
        record.Bind(3, row.UserId);
        record.Bind(4, row.SessionId);
        record.Bind(5, (long?)row.Reason);
        record.Bind(6, row.Count);
        record.Bind(7, row.IpAddress);
        record.Bind(8, row.UserAgent);
        record.Execute();
    }

    public void Dispose()
    {
        find.Dispose();
        rotate.Dispose();
        end.Dispose();
        record.Dispose();
    }

    private LoadedSession? Find(Guid id)
    {
        try
        {
            find.Bind(1, id);
            return find.Step() ? RowOf(id) : null;
        }
        finally
        {
            find.Reset();
        }
    }

    private LoadedSession RowOf(Guid id)
    {
        var row = new SessionRow
        {
            Id = id,
            UserId = find.Guid(0),
            Generation = (uint)find.Number(1),
            CreatedAt = find.Moment(2),
            RotatedAt = find.Moment(3),
            IpAddress = find.Text(4),
            UserAgent = find.Text(5),
            EndedAt = find.MomentOrNull(6),
            EndReason = (EndReason?)find.NumberOrNull(7),
        };
        var username = find.Text(8)!;
        var user = new TokenSubject(row.UserId, username, find.Text(9) ?? username, RolesOf(find.Text(10)!), find.Number(11) != 0);
        return new LoadedSession(row, user);
    }

    // Most users have none.
    private static string[] RolesOf(string json) => json == "[]" ? [] : JsonSerializer.Deserialize<string[]>(json)!;
}
