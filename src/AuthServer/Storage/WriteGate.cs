using System.Data.Common;

namespace AuthServer.Storage;

/// <summary>
/// Where everything is written, one transaction at a time, over one connection that stays open: whoever waits, waits here and not in
/// SQLite's busy loop.
/// </summary>
internal sealed class WriteGate(IDatabase database, IEnumerable<ISessionEndListener> listeners, TimeProvider clock)
    : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim turnstile = new(1);
    private readonly ISessionEndListener[] listeners = [.. listeners];
    private IWriteConnection? connection;

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
            await CloseAsync();
            throw;
        }
        finally
        {
            turnstile.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        turnstile.Dispose();
    }

    private async Task<T> RunInTurnAsync<T>(Func<WriteTurn, Task<T>> work, CancellationToken ct)
    {
        connection ??= await database.OpenToWriteAsync(ct);
        await connection.BeginAsync(ct);
        var turn = new WriteTurn(connection, DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()));
        var result = await work(turn);
        await connection.Sessions.RecordAsync(turn.Events);

        // From here on the caller may go away: what was decided is written.
        await connection.CommitAsync();
        foreach (var listener in listeners)
        {
            listener.OnEnded(turn.Ends);
        }

        return result;
    }

    private async Task CloseAsync()
    {
        if (connection is { } closing)
        {
            connection = null;
            try
            {
                await closing.DisposeAsync();
            }
            catch (DbException)
            {
                // It is closed all the same, and what went wrong before is what the caller should hear of.
            }
        }
    }
}
