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
    WriteGate gate,
    Func<AuthDbContext> open,
    SessionPolicy policy,
    IOptions<EventOptions> events,
    TimeProvider clock,
    ILogger<Sweeper> log) : BackgroundService
{
    /// <summary>Time between two sweeps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private const int BatchSize = 200;

    /// <summary>Sweeps once, whatever is due.</summary>
    public async Task SweepAsync(CancellationToken ct)
    {
        var ended = await RepeatAsync(EndExpiredAsync, ct);
        var sessions = await RepeatAsync(RemoveEndedAsync, ct);
        var eventsRemoved = await RepeatAsync(RemoveEventsAsync, ct);
        if (ended + sessions + eventsRemoved > 0)
        {
            log.Swept(ended, sessions, eventsRemoved);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                await TrySweepAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
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

    // Looks for them outside the gate, by a walk over the table: an index on the last use would be written by every refresh.
    private async Task<int> EndExpiredAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (idleSince, createdBefore) = (now - policy.IdleLifetime, now - policy.AbsoluteLifetime);
        await using var db = open();
        var due = await db.Sessions.AsNoTracking()
            .Where(s => s.EndedAt == null && (s.RotatedAt <= idleSince || s.CreatedAt <= createdBefore))
            .OrderBy(s => s.Id)
            .Select(s => s.Id)
            .Take(BatchSize)
            .ToListAsync(ct);
        return due.Count == 0 ? 0 : await gate.RunAsync(async turn =>
        {
            var sessions = await turn.Db.Sessions.Where(s => due.Contains(s.Id) && s.EndedAt == null).ToListAsync(ct);

            // One that was refreshed meanwhile lives on.
            foreach (var session in sessions.Where(s => turn.Now >= policy.ExpiryOf(s.CreatedAt, s.RotatedAt)))
            {
                turn.Expire(session, policy, cause: null);
            }

            return due.Count;
        }, ct);
    }

    private Task<int> RemoveEndedAsync(CancellationToken ct) => gate.RunAsync(turn =>
    {
        var before = turn.Now - SessionStore.EndedRetention;
        var due = turn.Db.Sessions.Where(s => s.EndedAt != null && s.EndedAt < before).OrderBy(s => s.EndedAt).Take(BatchSize);
        return turn.Db.Sessions.Where(s => due.Any(d => d.Id == s.Id)).ExecuteDeleteAsync(ct);
    }, ct);

    private Task<int> RemoveEventsAsync(CancellationToken ct) => gate.RunAsync(turn =>
    {
        // Events are written in the order of time, so the oldest are the first, and no index on time is needed.
        var before = turn.Now - events.Value.Retention;
        var oldest = turn.Db.Events.OrderBy(e => e.Id).Take(BatchSize).Where(e => e.At < before).Select(e => e.Id);
        return turn.Db.Events.Where(e => oldest.Contains(e.Id)).ExecuteDeleteAsync(ct);
    }, ct);
}
