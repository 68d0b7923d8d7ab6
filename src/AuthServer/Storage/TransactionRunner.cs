using System.Data;
using System.Data.Common;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// Runs write transactions, limited to the provider's write concurrency. A transaction is run again after a conflict, until its
/// timeout, which cancels it up to the commit. After the commit the ends of sessions are published. Safe to share.
/// </summary>
internal sealed class TransactionRunner(
    IStorageProvider provider,
    SessionEndPublisher ends,
    SessionEpochs epochs,
    MailSignal mails,
    SecurityEventLog lines,
    AuthMeter meter,
    TimeProvider clock)
    : IDisposable
{
    // Transactions that wait for a lock may hold all slots. Batches wait for no row, and have a slot of their own, except on a
    // provider with one slot.
    private readonly SemaphoreSlim slots = new(provider.WriteConcurrency);
    private readonly SemaphoreSlim? slotOfBatches = provider.WriteConcurrency == 1 ? null : new SemaphoreSlim(1);

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

    /// <summary>Runs work in a transaction and returns once it is durable.</summary>
    /// <param name="work">The work. It may be run more than once, so it changes nothing but the transaction.</param>
    /// <param name="isBatch">
    /// True for sessions that are independent of one another: those that a concurrent transaction changed first are left out and
    /// returned as lost. False for all or nothing.
    /// </param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true.
    /// </exception>
    public async Task<CommitResult> RunAsync(
        Func<WriteTransaction, CancellationToken, Task> work, bool isBatch, CancellationToken ct)
    {
        using var timeout = StorageTimeouts.Start(provider.Timeouts.Work, ct);
        var token = timeout?.Token ?? ct;
        for (var pause = RetryPause.First; ; pause = RetryPause.After(pause))
        {
            CommitResult result;
            try
            {
                result = await RunOnceAsync(work, isBatch, token);
            }
            catch (Exception exception) when (exception is not UnavailableException)
            {
                if (timeout is { IsCancellationRequested: true } && !ct.IsCancellationRequested)
                {
                    throw new UnavailableException("The database did not answer in time.", exception);
                }

                switch (exception is WriteConflictException ? StorageFault.Conflict : provider.FaultOf(exception))
                {
                    case StorageFault.Unavailable or StorageFault.Damaged:
                        throw new UnavailableException("The database is away, too busy or damaged.", exception);
                    case StorageFault.None:
                        throw;
                }

                // Without a slot, so that a lock which another program keeps stops no transaction but this one.
                await Task.Delay(pause, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            // After the commit no exception may say that nothing was changed.
            ends.Publish(result.Confirmed.Count == 0 ? result.Ended : [.. result.Ended, .. result.Confirmed]);
            foreach (var raised in result.Raised)
            {
                epochs.Raise(raised);
            }

            if (result.Ended.Count > 0)
            {
                meter.SessionsEnded(result.Ended.Select(end => end.Reason));
            }

            if (result.Events.Count > 0)
            {
                lines.Write(result.Events);
            }

            if (result.HasMail)
            {
                mails.Set();
            }

            return result;
        }
    }

    public void Dispose()
    {
        slots.Dispose();
        slotOfBatches?.Dispose();
    }

    private async Task<CommitResult> RunOnceAsync(
        Func<WriteTransaction, CancellationToken, Task> work, bool isBatch, CancellationToken ct)
    {
        var slot = isBatch && slotOfBatches is not null ? slotOfBatches : slots;
        if (!await slot.WaitAsync(provider.Timeouts.Entry, ct))
        {
            throw new UnavailableException("The database is too busy to write to.");
        }

        ISessionSql? sql = null;
        var isReusable = false;
        try
        {
            sql = await provider.OpenForWritingAsync(ct);
            await using var begun = isBatch && sql.IsOneStatement ? null : await sql.Connection.BeginTransactionAsync(ct);
            if (begun is not null && provider.LockTimeout is { } lockTimeout)
            {
                await using var command = sql.Connection.CreateCommand();
#pragma warning disable CA2100 // A constant of the provider.
                command.CommandText = lockTimeout;
#pragma warning restore CA2100
                await command.ExecuteNonQueryAsync(ct);
            }

            // As stored, in whole milliseconds.
            var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
            await using var transaction = new WriteTransaction(provider, sql, begun, isBatch, now);
            await work(transaction, ct);
            var result = await transaction.CommitAsync(ct);
            isReusable = true;
            return result;
        }
        catch (Exception exception) when (exception is not (UnavailableException or DbException or OperationCanceledException)
            && sql is { Connection.State: not ConnectionState.Open })
        {
            // The exceptions of a connection that breaks between two statements don't say so.
            throw new UnavailableException("The connection to the database broke between two statements.", exception);
        }
        finally
        {
            try
            {
                await (sql is null ? ValueTask.CompletedTask : provider.ReleaseAsync(sql, isReusable));
            }
            catch (DbException)
            {
                // The connection is closed all the same, and the first error is the caller's.
            }

            slot.Release();
        }
    }
}
