using System.Diagnostics;
using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>
/// Ends any number of sessions, in batches of <see cref="WriteTransaction.MaxEnds"/> that other transactions get in between. Safe
/// to share.
/// </summary>
internal sealed class SessionEnder(TransactionRunner runner, IStorageProvider provider)
{
    // Pauses in proportion to the batch before: a busy database makes them longer.
    private const double PausePerBatch = 1;

    /// <summary>
    /// Runs a transaction that ends all sessions of a user by <see cref="WriteTransaction.EndAllAsync"/>. If there are too many
    /// for one, all are ended in batches first. So the last transaction has few left, and commits everything or nothing.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="reason">The reason of the ends.</param>
    /// <param name="spared">
    /// The session that no batch ends: that of the request, which can be sent again after a failure. Null if there is none.
    /// </param>
    /// <param name="cause">The origin of the request; null if there was none.</param>
    /// <param name="work">The work. It may be run more than once, so it changes nothing but the transaction.</param>
    /// <param name="ct">Cancels the work up to its commit. Batches before may have been committed.</param>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true.
    /// </exception>
    public Task<T> RunAsync<T>(
        Guid userId,
        EndReason reason,
        Guid? spared,
        ClientInfo? cause,
        Func<WriteTransaction, CancellationToken, Task<T>> work,
        CancellationToken ct) =>
        RunAsync(
            work,
            token => EndLiveAsync(userId, reason, spared, cause, token),
            ct);

    /// <summary>Runs a transaction. Whenever it would end too many sessions, some are ended first.</summary>
    /// <param name="work">The work. It may be run more than once, so it changes nothing but the transaction.</param>
    /// <param name="endSomeAsync">Ends some, so that fewer are left for the transaction.</param>
    /// <param name="ct">Cancels the work up to its commit. Batches before may have been committed.</param>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true.
    /// </exception>
    public async Task<T> RunAsync<T>(
        Func<WriteTransaction, CancellationToken, Task<T>> work, Func<CancellationToken, Task> endSomeAsync, CancellationToken ct)
    {
        var mayHaveEnded = false;
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                if (!isFirst)
                {
                    await endSomeAsync(ct);
                    mayHaveEnded = true;
                }

                return await runner.RunAsync(work, ct);
            }
            catch (TooManyEndsException)
            {
                // Some are ended before the next attempt.
            }
            catch (UnavailableException exception) when (mayHaveEnded && !exception.IsOutcomeUnknown)
            {
                throw PartlyDone(exception);
            }
        }
    }

    /// <summary>
    /// Ends all live sessions of a user, or of all users, for an operator at the command line. Returns how many.
    /// </summary>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true: then sessions that concurrent
    /// transactions hold have not ended, or a batch failed.
    /// </exception>
    public Task<int> EndLiveAsync(Guid? userId, EndReason reason, CancellationToken ct) =>
        EndLiveAsync(
            userId, spared: null, (transaction, session) => transaction.End(session, reason, ClientInfo.CommandLine), ct);

    /// <summary>Ends those of these sessions that are live, for an operator at the command line. Returns how many.</summary>
    /// <inheritdoc cref="EndLiveAsync(Guid?, EndReason, CancellationToken)" path="/exception"/>
    public Task<int> EndAsync(IReadOnlyCollection<Guid> ids, EndReason reason, CancellationToken ct) =>
        EndAsync(ids, (transaction, session) => transaction.End(session, reason, ClientInfo.CommandLine), ct);

    /// <inheritdoc cref="EndAsync(IReadOnlyCollection{Guid}, EndReason, CancellationToken)"/>
    /// <param name="ids">The sessions, in any number.</param>
    /// <param name="end">Ends one that is live.</param>
    /// <param name="ct">Cancels the work. Batches before may have been committed.</param>
    public Task<int> EndAsync(
        IReadOnlyCollection<Guid> ids, Action<WriteTransaction, LoadedSession> end, CancellationToken ct)
    {
        var batches = ids.Chunk(WriteTransaction.MaxEnds).GetEnumerator();
        return EndAllAsync((_, _) => Task.FromResult(batches.MoveNext() ? batches.Current : []), end, ct);
    }

    /// <summary>Ends those of at most <see cref="WriteTransaction.MaxEnds"/> sessions that are live, in one batch.</summary>
    /// <param name="ids">The sessions.</param>
    /// <param name="end">Ends one, or leaves it.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<CommitResult> EndBatchAsync(
        IReadOnlyCollection<Guid> ids, Action<WriteTransaction, LoadedSession> end, CancellationToken ct) =>
        runner.RunAsync(
            async (transaction, token) =>
            {
                foreach (var session in (await transaction.LoadAsync(ids, token)).Values.Where(s => s.Row.EndedAt is null))
                {
                    end(transaction, session);
                }
            },
            isBatch: true,
            ct);

    /// <summary>Ends all live sessions of a user except one, in batches. Returns how many.</summary>
    /// <inheritdoc cref="EndLiveAsync(Guid?, EndReason, CancellationToken)" path="/exception"/>
    public Task<int> EndLiveAsync(
        Guid userId, EndReason reason, Guid? spared, ClientInfo? cause, CancellationToken ct) =>
        EndLiveAsync(userId, spared, (transaction, session) => transaction.End(session, reason, cause), ct);

    /// <summary>The failure of a batch after earlier ones were committed, so that something has changed.</summary>
    public static UnavailableException PartlyDone(UnavailableException exception) =>
        new(exception.Message, exception) { IsOutcomeUnknown = true };

    private Task<int> EndLiveAsync(
        Guid? userId, Guid? spared, Action<WriteTransaction, LoadedSession> end, CancellationToken ct) =>
        EndAllAsync((last, token) => ReadLiveAsync(userId, spared, last, token), end, ct);

    private Task<Guid[]> ReadLiveAsync(Guid? userId, Guid? spared, Guid last, CancellationToken ct) => provider.ReadAsync(
        (db, token) =>
        {
            var live = db.Sessions.Where(s => s.EndedAt == null && s.Id > last);
            live = userId is { } user ? live.Where(s => s.UserId == user) : live;
            live = spared is { } one ? live.Where(s => s.Id != one) : live;
            return live.OrderBy(s => s.Id).Select(s => s.Id).Take(WriteTransaction.MaxEnds).ToArrayAsync(token);
        },
        ct);

    // Until there is no batch after the last session of the one before. Sessions that are held come last.
    private async Task<int> EndAllAsync(
        Func<Guid, CancellationToken, Task<Guid[]>> nextAsync,
        Action<WriteTransaction, LoadedSession> end,
        CancellationToken ct)
    {
        var (ended, held) = (0, new List<Guid>());
        try
        {
            for (var batch = await nextAsync(Guid.Empty, ct); batch.Length > 0; batch = await nextAsync(batch[^1], ct))
            {
                var begun = Stopwatch.GetTimestamp();
                var result = await EndBatchAsync(batch, end, ct);
                ended += result.Ended.Count;
                held.AddRange(result.Lost);
                if (batch.Length == WriteTransaction.MaxEnds)
                {
                    await BatchPause.AfterAsync(begun, PausePerBatch, ct);
                }
            }

            return ended + await EndHeldAsync(held, end, ct);
        }
        catch (UnavailableException exception) when (ended > 0 && !exception.IsOutcomeUnknown)
        {
            throw PartlyDone(exception);
        }
    }

    private async Task<int> EndHeldAsync(List<Guid> held, Action<WriteTransaction, LoadedSession> end, CancellationToken ct)
    {
        var ended = 0;
        using var timeout = StorageTimeouts.Start(provider.Timeouts.Work, ct);
        for (var pause = RetryPause.First; held.Count > 0; pause = RetryPause.After(pause))
        {
            if (timeout is { IsCancellationRequested: true })
            {
                throw new UnavailableException($"Concurrent transactions hold {held.Count} sessions, which have not ended.")
                {
                    IsOutcomeUnknown = ended > 0,
                };
            }

            await Task.Delay(pause, ct);
            var again = new List<Guid>();
            foreach (var batch in held.Chunk(WriteTransaction.MaxEnds))
            {
                var result = await EndBatchAsync(batch, end, ct);
                ended += result.Ended.Count;
                again.AddRange(result.Lost);
            }

            held = again;
        }

        return ended;
    }
}
