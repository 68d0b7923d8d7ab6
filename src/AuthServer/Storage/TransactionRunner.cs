using System.Collections.Concurrent;
using System.Data.Common;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// Where everything is written, each time in one transaction, as many at a time as the database is good for, over connections that stay
/// open.
/// </summary>
internal sealed class TransactionRunner(IStorageProvider database, SessionEndPublisher ends, AuthMeter meter, TimeProvider clock)
    : IAsyncDisposable
{
    // Of transactions that others on the same database come in the way of. Each time somebody has got ahead.
    private const int MostAttempts = 10;

    private readonly SemaphoreSlim turnstile = new(database.Writers);
    private readonly ConcurrentBag<IWriteConnection> idle = [];

    /// <summary>
    /// Runs <paramref name="work"/> in a write transaction, commits it durably, tells what ended, and only then
    /// returns. Where it throws, nothing was written, unless the database went away just then. Where others came in its way it is run again.
    /// </summary>
    /// <exception cref="UnavailableException">The gate did not come free in time, or there was no answer in time.</exception>
    public Task<T> RunAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken ct) => database.WithTimeoutAsync(RunAtLeisureAsync(work, ct));

    /// <summary>The same, for work that nobody waits for.</summary>
    public async Task<T> RunAtLeisureAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken ct)
    {
        if (!await turnstile.WaitAsync(database.LongestWait, ct))
        {
            throw new UnavailableException("The database is too busy to write to.");
        }

        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await RunOnceAsync(work, ct);
                }
                catch (Exception exception) when (WriteConflict.IsTransient(exception))
                {
                    if (attempt == MostAttempts)
                    {
                        throw new UnavailableException("Others were ahead each time.");
                    }
                }
            }
        }
        finally
        {
            turnstile.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (idle.TryTake(out var connection))
        {
            await CloseAsync(connection);
        }

        turnstile.Dispose();
    }

    private async Task<T> RunOnceAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken ct)
    {
#pragma warning disable CA2000 // It goes back to the idle ones, or is closed below.
        var connection = idle.TryTake(out var open) ? open : await database.OpenToWriteAsync(ct);
#pragma warning restore CA2000
        try
        {
            await connection.BeginAsync(ct);
            var turn = new WriteTransaction(connection, DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()));
            var result = await work(turn);

            // From here on the caller may go away: what was decided is written.
            turn.Lost = await connection.CommitAsync(turn);
            ends.Publish(turn.Told);
            meter.SessionsEnded(turn.Ends.Select(end => end.Reason));
            idle.Add(connection);
            return result;
        }
        catch (Exception exception)
        {
            // The next turn has nothing to do with the state that this one left its connection in.
            var isBroken = connection.IsBroken;
            await CloseAsync(connection);
            if (isBroken && !StorageErrors.IsTransient(exception))
            {
                throw new UnavailableException("The connection to the database broke between two statements.");
            }

            throw;
        }
    }

    private static async Task CloseAsync(IWriteConnection connection)
    {
        try
        {
            await connection.DisposeAsync();
        }
        catch (DbException)
        {
            // It is closed all the same, and what went wrong before is what the caller should hear of.
        }
    }
}
