using System.Data;
using System.Data.Common;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// Runs write transactions, limited to the provider's write concurrency. A transaction is run again after a conflict. At its
/// timeout it is cancelled up to the commit. After the commit the ends of sessions are published. Safe to share.
/// </summary>
internal sealed class TransactionRunner(
    IStorageProvider provider, SessionEndPublisher ends, AuthMeter meter, TimeProvider clock) : IDisposable
{
    private const int MaxAttempts = 10;

    private readonly SemaphoreSlim slots = new(provider.WriteConcurrency);

    /// <summary>Runs work in a transaction that commits everything or nothing, and returns once it is durable.</summary>
    /// <param name="work">The work. It may be run more than once, so it changes nothing but the transaction.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true.
    /// </exception>
    public async Task<T> RunAsync<T>(Func<WriteTransaction, CancellationToken, Task<T>> work, CancellationToken ct)
    {
        T result = default!;
        await RunAsync(async (transaction, token) => result = await work(transaction, token), isBatch: false, ct);
        return result;
    }

    /// <summary>
    /// The same for sessions that are independent of one another. Sessions that a concurrent transaction changed first are left
    /// out and returned.
    /// </summary>
    /// <param name="work">The work. It may be run more than once, so it changes nothing but the transaction.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true.
    /// </exception>
    public Task<CommitResult> RunBatchAsync(Func<WriteTransaction, CancellationToken, Task> work, CancellationToken ct) =>
        RunAsync(work, isBatch: true, ct);

    public void Dispose() => slots.Dispose();

    private async Task<CommitResult> RunAsync(
        Func<WriteTransaction, CancellationToken, Task> work, bool isBatch, CancellationToken ct)
    {
        using var timeout = provider.Timeouts.StartWork(ct);
        var token = timeout?.Token ?? ct;
        try
        {
            if (!await slots.WaitAsync(provider.Timeouts.Entry, token))
            {
                throw new UnavailableException("The database is too busy to write to.");
            }

            try
            {
                return await RunWithRetriesAsync(work, isBatch, token);
            }
            finally
            {
                slots.Release();
            }
        }
        catch (Exception exception) when (exception is not UnavailableException)
        {
            if (timeout is { IsCancellationRequested: true } && !ct.IsCancellationRequested)
            {
                throw new UnavailableException("The database did not answer in time.", exception);
            }

            if (provider.FaultOf(exception) == StorageFault.Unavailable)
            {
                throw new UnavailableException("The database is away or too busy.", exception);
            }

            throw;
        }
    }

    private async Task<CommitResult> RunWithRetriesAsync(
        Func<WriteTransaction, CancellationToken, Task> work, bool isBatch, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RunOnceAsync(work, isBatch, ct);
            }
            catch (Exception exception)
                when (exception is WriteConflictException || provider.FaultOf(exception) == StorageFault.Conflict)
            {
                if (attempt == MaxAttempts)
                {
                    throw new UnavailableException("Concurrent transactions were first each time.");
                }
            }
        }
    }

    private async Task<CommitResult> RunOnceAsync(
        Func<WriteTransaction, CancellationToken, Task> work, bool isBatch, CancellationToken ct)
    {
        var sql = await provider.OpenForWritingAsync(ct);
        var isReusable = false;
        try
        {
            // As stored, in whole milliseconds.
            var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
            await using var transaction = await WriteTransaction.BeginAsync(provider, sql, now, isBatch, ct);
            await work(transaction, ct);
            var result = await transaction.CommitAsync(ct);
            ends.Publish(result.Confirmed.Count == 0 ? result.Ended : [.. result.Ended, .. result.Confirmed]);
            meter.SessionsEnded(result.Ended.Select(end => end.Reason));
            isReusable = true;
            return result;
        }
        catch (Exception exception) when (exception is not (UnavailableException or DbException or OperationCanceledException)
            && sql.Connection.State != ConnectionState.Open)
        {
            // The exceptions of a connection that breaks between two statements don't say so.
            throw new UnavailableException("The connection to the database broke between two statements.", exception);
        }
        finally
        {
            await ReleaseAsync(sql, isReusable);
        }
    }

    private async Task ReleaseAsync(ISessionSql sql, bool isReusable)
    {
        try
        {
            await provider.ReleaseAsync(sql, isReusable);
        }
        catch (DbException)
        {
            // The connection is closed all the same, and the caller should hear of the first error.
        }
    }
}
