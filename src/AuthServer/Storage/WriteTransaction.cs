using System.Collections.Frozen;
using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>One write transaction: its rows, its moment, and what it does to sessions.</summary>
internal sealed class WriteTransaction(IWriteConnection connection, DateTimeOffset now)
{
    private readonly List<SessionEnd> ends = [];
    private readonly List<SessionEnd> confirmed = [];
    private readonly List<EventRow> events = [];
    private Dictionary<Guid, LoadedSession> sessions = [];

    public AuthDbContext Db => connection.Db;

    /// <summary>The moment of everything decided here, in whole milliseconds as it is stored.</summary>
    public DateTimeOffset Now => now;

    /// <summary>The sessions that this turn ended, and did not lose.</summary>
    public IReadOnlyList<SessionEnd> Ends => Lost.Count == 0 ? ends : ends.FindAll(end => !Lost.Contains(end.SessionId));

    /// <summary>Once the turn is durable: the sessions that others changed first, so that it has to be decided on them again.</summary>
    public IReadOnlySet<Guid> Lost { get; set; } = FrozenSet<Guid>.Empty;

    /// <summary>The sessions that had ended before, whose end is to be made sure of once more.</summary>
    public IReadOnlyList<SessionEnd> Confirmed => confirmed;

    /// <summary>The ends that everybody has to be told of.</summary>
    public IReadOnlyList<SessionEnd> Told => confirmed.Count == 0 ? Ends : [.. Ends, .. confirmed];

    /// <summary>What this turn recorded, to be written with it.</summary>
    public IReadOnlyList<EventRow> Events => events;

    /// <summary>What this turn changed of the sessions that it read, to be written with it.</summary>
    public IEnumerable<LoadedSession> Changed => sessions.Values.Where(session => session.IsChanged);

    /// <summary>Reads sessions to decide on. What is changed of them is written when the turn is over.</summary>
    /// <returns>Those that there are, with their users.</returns>
    public async Task<IReadOnlyDictionary<Guid, LoadedSession>> ReadAsync(IReadOnlyCollection<Guid> ids) =>
        sessions = await connection.ReadAsync(ids);

    /// <summary>Keeps everybody else from changing a user, and from opening sessions of it, until this turn is over.</summary>
    public Task LockUserAsync(Guid userId) => connection.LockUserAsync(userId);

    /// <summary>Ends a live session now and records it.</summary>
    /// <param name="session">A session that has not ended.</param>
    /// <param name="reason">Why it ends.</param>
    /// <param name="cause">Who asked for it; null where nobody did.</param>
    public void End(SessionRow session, EndReason reason, ClientInfo? cause) => End(session, reason, now, cause);

    /// <summary>
    /// Makes sure of the end of a session that has ended: once the turn is over it is durable, and everybody has been told, whatever became
    /// of the turn that ended it.
    /// </summary>
    public void Confirm(SessionRow session) => confirmed.Add(new SessionEnd(session.Id, session.EndReason!.Value, session.EndedAt!.Value));

    /// <summary>Ends a session whose lifetime is over, as of when that was.</summary>
    public void Expire(SessionRow session, SessionPolicy policy, ClientInfo? cause)
    {
        var expiry = policy.ExpiryOf(session.CreatedAt, session.RotatedAt);
        End(session, EndReason.Expired, expiry < now ? expiry : now, cause);
    }

    /// <summary>Ends every live session of a user that is locked, but for one where <paramref name="except"/> names it.</summary>
    public async Task EndAllAsync(Guid userId, EndReason reason, Guid? except, ClientInfo? cause)
    {
        await connection.LockSessionsAsync(userId);

        // In three statements however many they are, for everybody's next refresh waits behind this turn.
        var live = Db.Sessions.Where(s => s.UserId == userId && s.EndedAt == null && s.Id != except);
        ends.AddRange((await live.Select(s => s.Id).ToListAsync()).Select(id => new SessionEnd(id, reason, now)));
        await Db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO events (at, kind, user_id, session_id, reason, count, ip_address, user_agent)
            SELECT {now.ToUnixTimeMilliseconds()}, {(int)EventKind.SessionEnded}, user_id, id, {(int)reason}, 1, {cause?.IpAddress}, {cause?.UserAgent}
            FROM sessions
            WHERE user_id = {Db.ToStored(userId)} AND ended_at IS NULL AND id <> {Db.ToStored(except ?? Guid.Empty)}
            """);
        await live.ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now).SetProperty(s => s.EndReason, reason));
    }

    /// <summary>Adds to the audit log.</summary>
    public void Record(EventKind kind, Guid userId, Guid? sessionId, EndReason? reason, ClientInfo? cause) =>
        events.Add(EventOf(kind, now, userId, sessionId, reason, cause));

    /// <summary>Counts a failed login of an account, by the minute.</summary>
    public void CountLoginFailure(Guid userId, ClientInfo client)
    {
        var minute = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / 60 * 60);
        var counted = EventOf(EventKind.LoginFailed, minute, userId, sessionId: null, reason: null, client);

        // Each of a minute once: a statement may not change a row twice.
        var before = events.FindIndex(e => e.Kind == EventKind.LoginFailed && e.UserId == userId);
        if (before < 0)
        {
            events.Add(counted);
        }
        else
        {
            counted.Count += events[before].Count;
            events[before] = counted;
        }
    }

    private void End(SessionRow session, EndReason reason, DateTimeOffset endedAt, ClientInfo? cause)
    {
        session.EndedAt = endedAt;
        session.EndReason = reason;
        ends.Add(new SessionEnd(session.Id, reason, endedAt));
        Record(EventKind.SessionEnded, session.UserId, session.Id, reason, cause);
    }

    private static EventRow EventOf(
        EventKind kind, DateTimeOffset at, Guid userId, Guid? sessionId, EndReason? reason, ClientInfo? cause)
    {
        return new EventRow
        {
            At = at,
            Kind = kind,
            UserId = userId,
            SessionId = sessionId,
            Reason = reason,
            IpAddress = cause?.IpAddress,
            UserAgent = cause?.UserAgent,
        };
    }
}
