using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>A login that was verified and wants a session.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="VerifiedHash">The password hash that was verified; the session opens only while it is still the user's.</param>
/// <param name="Rehash">What replaces that hash; null to leave it.</param>
/// <param name="DeviceName">What the user calls the device.</param>
/// <param name="Client">Where the login came from.</param>
internal sealed record NewSession(Guid UserId, string VerifiedHash, string? Rehash, string? DeviceName, ClientInfo Client);

/// <summary>What is done to all sessions of a user, and what is read of them. Each call is one transaction.</summary>
internal sealed class SessionStore(
    TransactionRunner gate, Func<AuthDbContext> open, SessionPolicy policy, TimeProvider clock)
{
    /// <summary>How long an ended session is kept and shown.</summary>
    public static readonly TimeSpan EndedRetention = TimeSpan.FromDays(30);

    // More than anybody reads, and few enough that nobody's list is a burden to others.
    private const int LongestList = 1000;

    // As many as fit into one notice to other nodes.
    private const int EndBatch = 150;

    /// <summary>Opens a session and ends those it displaces.</summary>
    /// <returns>
    /// What tokens may be made for; <see cref="ErrorCode.TooManySessions"/>; <see cref="ErrorCode.InvalidCredentials"/> where the
    /// account is disabled by now; null where its password hash is no longer the verified one, so that it has to be verified again.
    /// </returns>
    public Task<Outcome<SessionGrant>?> OpenAsync(NewSession login, CancellationToken ct) =>
        gate.RunAsync<Outcome<SessionGrant>?>(async turn =>
        {
            await turn.LockUserAsync(login.UserId);
            return await turn.Db.Users.SingleOrDefaultAsync(u => u.Id == login.UserId) switch
            {
                { Disabled: true } => ErrorCode.InvalidCredentials,
                { } user when user.PasswordHash == login.VerifiedHash => await OpenAsync(turn, user, login),
                _ => null,
            };
        }, ct);

    /// <summary>Ends every session of a user.</summary>
    public Task EndAllAsync(Guid userId, EndReason reason, ClientInfo client, CancellationToken ct) =>
        gate.RunAsync<Unit>(async turn =>
        {
            await turn.LockUserAsync(userId);
            await turn.EndAllAsync(userId, reason, except: null, client);
            return default;
        }, ct);

    /// <summary>Ends those of these sessions that live. Returns how many.</summary>
    public async Task<int> EndAsync(IReadOnlyCollection<Guid> ids, EndReason reason, CancellationToken ct)
    {
        var ended = 0;
        while (ids.Count > 0)
        {
            var turn = await gate.RunAsync(
                async turn =>
                {
                    foreach (var session in (await turn.ReadAsync(ids)).Values.Where(session => session.Row.EndedAt is null))
                    {
                        turn.End(session.Row, reason, cause: null);
                    }

                    return turn;
                },
                ct);
            ended += turn.Ends.Count;
            ids = turn.Lost;
        }

        return ended;
    }

    /// <summary>Ends all live sessions of a user, or of everybody, in batches that nobody waits long for. Returns how many.</summary>
    public async Task<int> EndLiveAsync(Guid? userId, EndReason reason, CancellationToken ct)
    {
        var ended = 0;
        List<Guid> live = [Guid.Empty];
        do
        {
            var last = live[^1];
            await using var db = open();
            live = await db.Sessions.AsNoTracking()
                .Where(s => s.Id > last && s.EndedAt == null && (userId == null || s.UserId == userId))
                .OrderBy(s => s.Id).Select(s => s.Id).Take(EndBatch).ToListAsync(ct);
            ended += await EndAsync(live, reason, ct);
        }
        while (live.Count == EndBatch);
        return ended;
    }

    /// <summary>
    /// A user's sessions: the live ones, newest use first, then, if asked for, those that ended within
    /// <see cref="EndedRetention"/>, latest end first; at most 1,000 of each. One whose lifetime is over counts as ended, swept or not.
    /// </summary>
    public async Task<IReadOnlyList<SessionView>> ListAsync(Guid userId, bool withEnded, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var endedSince = now - EndedRetention;
        await using var db = open();
        var own = db.Sessions.AsNoTracking().Where(s => s.UserId == userId);
        var rows = await own.Where(s => s.EndedAt == null).OrderByDescending(s => s.RotatedAt).Take(LongestList).ToListAsync(ct);
        if (withEnded)
        {
            rows.AddRange(await own.Where(s => s.EndedAt > endedSince).OrderByDescending(s => s.EndedAt).Take(LongestList).ToListAsync(ct));
        }

        var views = rows.ConvertAll(row => SessionView.Of(row, policy, now));
        return
        [
            .. views.Where(view => view.EndedAt is null).OrderByDescending(view => view.LastUsedAt),
            .. views.Where(view => withEnded && view.EndedAt > endedSince).OrderByDescending(view => view.EndedAt),
        ];
    }

    private async Task<Outcome<SessionGrant>> OpenAsync(WriteTransaction turn, UserRow user, NewSession login)
    {
        if (policy.MaxPerUser > 0)
        {
            var unended = await turn.Db.Sessions
                .Where(s => s.UserId == user.Id && s.EndedAt == null)
                .Select(s => new { s.Id, s.CreatedAt, s.RotatedAt })
                .ToListAsync();
            var live = unended.Where(s => turn.Now < policy.ExpiryOf(s.CreatedAt, s.RotatedAt)).Select(s => new LiveSession(s.Id, s.CreatedAt));
            if (SessionAdmission.Admit([.. live], policy) is not { } displaced)
            {
                return ErrorCode.TooManySessions;
            }

            foreach (var oldest in await turn.Db.Sessions.Where(s => displaced.Contains(s.Id)).ToListAsync())
            {
                turn.End(oldest, EndReason.Displaced, login.Client);
            }
        }

        var session = new SessionRow
        {
            Id = Guid.CreateVersion7(turn.Now),
            UserId = user.Id,
            CreatedAt = turn.Now,
            RotatedAt = turn.Now,
            DeviceName = login.DeviceName,
            IpAddress = login.Client.IpAddress,
            UserAgent = login.Client.UserAgent,
        };
        turn.Db.Sessions.Add(session);
        turn.Record(EventKind.Login, user.Id, session.Id, reason: null, login.Client);
        user.PasswordHash = login.Rehash ?? user.PasswordHash;
        return new SessionGrant(session.Id, session.Generation, turn.Now, policy.ExpiryOf(turn.Now, turn.Now), user.ToTokenSubject());
    }
}
