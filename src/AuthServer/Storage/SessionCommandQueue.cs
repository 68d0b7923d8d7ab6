using System.Threading.Channels;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// Batches refreshes, uses and ends of single sessions, in the order in which they arrive. While one batch commits the next one
/// fills. So one flush of the disk serves many requests, and a lone request waits for no other. A command whose session is locked
/// or damaged is decided on its own, and delays no other.
/// </summary>
internal sealed class SessionCommandQueue(
    TransactionRunner runner,
    IStorageProvider provider,
    SessionPolicy policy,
    EndedSessionMemory memory,
    IEventCounter events,
    AuthMeter meter,
    TimeProvider clock,
    ILogger<SessionCommandQueue> log) : BackgroundService
{
    private const int MaxBatch = 256;
    private const int Capacity = 8192;
    private const string Refused = "Too many requests are waiting, or the server is stopping.";

    private readonly Channel<SessionCommand> queue = Channel.CreateBounded<SessionCommand>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Number of commands that wait for a batch.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>
    /// Decides on a refresh and returns once the decision is durable. A batch that has begun is written even if the caller has
    /// gone.
    /// </summary>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true.
    /// </exception>
    public Task<RefreshResult> RefreshAsync(RefreshToken token, ClientInfo client) =>
        EnqueueAsync(new RefreshCommand(token, client, policy, events, log, clock.GetTimestamp()));

    /// <summary>Ends a session, if it is live, and returns once that is durable.</summary>
    /// <returns>True if there is such a session of that user, or of any user if <paramref name="userId"/> is null.</returns>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true.
    /// </exception>
    public Task<bool> EndAsync(Guid sessionId, EndReason reason, Guid? userId, ClientInfo client) =>
        EnqueueAsync(new EndCommand(sessionId, reason, userId, client, memory, clock.GetTimestamp()));

    /// <summary>Writes the use of a session by its handle, if the use is due. No caller waits for it.</summary>
    public void Use(SessionHandle handle, ClientInfo client) =>
        queue.Writer.TryWrite(new UseCommand(handle, client, policy, log, clock.GetTimestamp()));

    /// <summary>Takes no more commands and answers those that wait.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        if (this.NeverRan())
        {
            await ExecuteAsync(cancellationToken);
        }
    }

    // A stop completes the queue, and its commands are answered first.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<SessionCommand>(MaxBatch);
        while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            // Requests that have arrived already are queued first: larger batches under load, and no wait without.
            await Task.Yield();
            while (batch.Count < MaxBatch && queue.Reader.TryRead(out var command))
            {
                if (command.TryTake())
                {
                    batch.Add(command);
                }
            }

            if (batch.Count > 0)
            {
                await WriteAsync(batch);
                batch.Clear();
            }
        }
    }

    private Task<T> EnqueueAsync<T>(SessionCommand<T> command)
    {
        if (!queue.Writer.TryWrite(command))
        {
            return Task.FromException<T>(new UnavailableException(Refused));
        }

        // A sole writer has no timeout, and finds no session locked.
        return provider.Timeouts.Work == Timeout.InfiniteTimeSpan
            ? command.Answered
            : RetryAsync(command, provider.Timeouts.Work);
    }

    private async Task<T> RetryAsync<T>(SessionCommand<T> command, TimeSpan time)
    {
        using var timeout = new CancellationTokenSource(time);
        for (var pause = RetryPause.First; ; pause = RetryPause.After(pause))
        {
            try
            {
                return await WaitAsync(command, timeout.Token);
            }
            catch (WriteConflictException) when (!timeout.IsCancellationRequested)
            {
                await Task.Delay(pause, timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (WriteConflictException)
            {
                throw new UnavailableException("Concurrent transactions held the session for too long.");
            }

            command.Renew();
            if (!queue.Writer.TryWrite(command))
            {
                throw new UnavailableException(Refused);
            }
        }
    }

    // A batch bounds the time of the commands in it; before that a command can still be withdrawn.
    private static async Task<T> WaitAsync<T>(SessionCommand<T> command, CancellationToken timeout)
    {
        try
        {
            return await command.Answered.WaitAsync(timeout);
        }
        catch (OperationCanceledException) when (command.TryWithdraw())
        {
            throw new UnavailableException("The database did not answer in time.");
        }
        catch (OperationCanceledException)
        {
            return await command.Answered;
        }
    }

    private async Task WriteAsync(List<SessionCommand> batch)
    {
        CommitResult result;
        var begun = clock.GetTimestamp();
        using var span = Spans.StartBatch(batch.Count);
        try
        {
            result = await runner.RunAsync(
                async (transaction, ct) =>
                {
                    begun = clock.GetTimestamp();
                    var sessions = await transaction.LoadAsync([.. batch.Select(command => command.SessionId)], ct);
                    foreach (var command in batch)
                    {
                        command.Apply(transaction, sessions.GetValueOrDefault(command.SessionId));
                    }
                },
                isBatch: true,
                CancellationToken.None);
        }
#pragma warning disable CA1031 // The exception belongs to the callers of the batch, and the worker goes on with the next one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await FailAsync(batch, exception);
            return;
        }

        meter.BatchWritten(batch.Count, clock.GetElapsedTime(batch[0].QueuedAt, begun), clock.GetElapsedTime(begun));

        // After the commit nothing may be applied again, except commands whose session a concurrent transaction holds.
        foreach (var command in batch)
        {
            if (result.Lost.Contains(command.SessionId))
            {
                command.Fail(new WriteConflictException());
            }
            else
            {
                command.Answer();
            }
        }
    }

    private async Task FailAsync(List<SessionCommand> batch, Exception exception)
    {
        var isAway = exception is UnavailableException { InnerException: var cause }
            && (cause is null || provider.FaultOf(cause) != StorageFault.Damaged);
        if (!isAway && exception is not UnavailableException { IsOutcomeUnknown: true } && batch.Count > 1)
        {
            // One of them can't be done, and the half without it can.
            var half = batch.Count / 2;
            await WriteAsync(batch[..half]);
            await WriteAsync(batch[half..]);
            return;
        }

        batch.ForEach(command => command.Fail(exception));
        if (!isAway)
        {
            return;
        }

        // The commands that wait would fail in the same way, each batch later than the one before.
        var away = new UnavailableException("The database is away or too busy.", exception);
        while (queue.Reader.TryRead(out var command))
        {
            if (command.TryTake())
            {
                command.Fail(away);
            }
        }
    }
}
