using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>
/// Where everything is written, one transaction at a time, over one connection that stays open: whoever waits, waits here and not in
/// SQLite's busy loop.
/// </summary>
internal sealed class WriteGate(
    IDatabase database, Func<AuthDbContext> open, IEnumerable<ISessionEndListener> listeners, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim turnstile = new(1);
    private AuthDbContext? db;
    private ISessionTable? sessions;

    /// <summary>
    /// Runs <paramref name="work"/> in a write transaction, commits it durably, tells the listeners what ended, and only then
    /// returns. Where it throws, nothing was written.
    /// </summary>
    /// <exception cref="UnavailableException">The gate did not come free in time.</exception>
    public async Task<T> RunAsync<T>(Func<WriteTurn, Task<T>> work, CancellationToken ct)
    {
        if (!await turnstile.WaitAsync(LongestWait, ct))
        {
            throw new UnavailableException("The database is too busy to write to.");
        }

        try
        {
            return await RunInTurnAsync(work, ct);
        }
        catch
        {
            // The next turn has nothing to do with the state that this one left its connection in.
            Close();
            throw;
        }
        finally
        {
            turnstile.Release();
        }
    }

    public void Dispose()
    {
        Close();
        turnstile.Dispose();
    }

    private async Task<T> RunInTurnAsync<T>(Func<WriteTurn, Task<T>> work, CancellationToken ct)
    {
        if (db is null || sessions is null)
        {
            db = open();
            await db.Database.OpenConnectionAsync(ct);
            sessions = database.Sessions(db.Database.GetDbConnection());
        }

        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var turn = new WriteTurn(db, sessions, DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()));
        var result = await work(turn);

        // From here on the caller may go away: what was decided is written.
        await db.SaveChangesAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        db.ChangeTracker.Clear();
        foreach (var listener in listeners)
        {
            listener.OnEnded(turn.Ends);
        }

        return result;
    }

    private void Close()
    {
        sessions?.Dispose();
        db?.Dispose();
        (sessions, db) = (null, null);
    }
}
