using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthServer.Storage;

/// <summary>
/// Ends sessions whose lifetime is over, removes those that ended long ago and old events, in batches small enough that nobody
/// waits for one.
/// </summary>
internal sealed class Sweeper(
    TransactionRunner gate,
    Func<AuthDbContext> open,
    SessionPolicy policy,
    IOptions<EventOptions> events,
    TimeProvider clock,
    ILogger<Sweeper> log) : BackgroundService
{
    /// <summary>Time between two sweeps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    // Nothing is due that could not wait until the server is warm.
    private static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(1);

    private const int BatchSize = 150;

    // In seconds: a walk over millions of sessions takes longer than a request may.
    private const int Patience = 300;

    /// <summary>Sweeps once, whatever is due.</summary>
    public async Task SweepAsync(CancellationToken ct)
    {
        var ended = await EndExpiredAsync(ct);
        var sessions = await RepeatAsync(RemoveEndedAsync, ct);
        var eventsRemoved = await RepeatAsync(RemoveEventsAsync, ct);
        if (ended + sessions + eventsRemoved > 0)
        {
            log.Swept(ended, sessions, eventsRemoved);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(FirstAfter, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                timer.Period = Interval;
                await TrySweepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops, or never came to start.
        }
    }

    private async Task TrySweepAsync(CancellationToken ct)
    {
        try
        {
            await SweepAsync(ct);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            log.SweepFailed(exception);
        }
    }

    private static async Task<int> RepeatAsync(Func<CancellationToken, Task<int>> batchAsync, CancellationToken ct)
    {
        var total = 0;
        int done;
        do
        {
            done = await batchAsync(ct);
            total += done;
        }
        while (done == BatchSize);
        return total;
    }

    // By a walk over the table, outside the gate: an index on the last use would be written by every refresh.
    private async Task<int> EndExpiredAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (idleSince, createdBefore) = (now - policy.IdleLifetime, now - policy.AbsoluteLifetime);
        var ended = 0;
        List<Guid> due = [Guid.Empty];
        do
        {
            var last = due[^1];
            due = await FindAsync(
                sessions => sessions
                    .Where(s => s.Id > last && s.EndedAt == null && (s.RotatedAt <= idleSince || s.CreatedAt <= createdBefore))
                    .OrderBy(s => s.Id),
                ct);
            ended += due.Count == 0 ? 0 : await gate.RunAtLeisureAsync(turn => EndAsync(turn, due), ct);
        }
        while (due.Count == BatchSize);
        return ended;
    }

    private async Task<int> EndAsync(WriteTransaction turn, List<Guid> due)
    {
        var sessions = await turn.Db.Sessions.Where(s => due.Contains(s.Id) && s.EndedAt == null).ToListAsync();

        // One that was refreshed meanwhile lives on.
        sessions.RemoveAll(s => turn.Now < policy.ExpiryOf(s.CreatedAt, s.RotatedAt));
        sessions.ForEach(session => turn.Expire(session, policy, cause: null));
        return sessions.Count;
    }

    private async Task<int> RemoveEndedAsync(CancellationToken ct)
    {
        var before = clock.GetUtcNow() - SessionStore.EndedRetention;
        var due = await FindAsync(
            sessions => sessions.Where(s => s.EndedAt != null && s.EndedAt < before).OrderBy(s => s.EndedAt), ct);
        return due.Count == 0 ? 0 : await gate.RunAtLeisureAsync(
            turn => turn.Db.Sessions.Where(s => due.Contains(s.Id) && s.EndedAt != null).ExecuteDeleteAsync(), ct);
    }

    private async Task<List<Guid>> FindAsync(Func<IQueryable<SessionRow>, IQueryable<SessionRow>> due, CancellationToken ct)
    {
        await using var db = open();
        db.Database.SetCommandTimeout(Patience);
        return await due(db.Sessions.AsNoTracking()).Select(s => s.Id).Take(BatchSize).ToListAsync(ct);
    }

    private Task<int> RemoveEventsAsync(CancellationToken ct) => gate.RunAtLeisureAsync(turn =>
    {
        // Events are written in the order of time, so the oldest are the first, and no index on time is needed.
        var before = turn.Now - events.Value.Retention;
        var oldest = turn.Db.Events.OrderBy(e => e.Id).Take(BatchSize).Where(e => e.At < before).Select(e => e.Id);
        return turn.Db.Events.Where(e => oldest.Contains(e.Id)).ExecuteDeleteAsync(ct);
    }, ct);
}
