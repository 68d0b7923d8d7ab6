using System.Threading.Channels;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// Batches refreshes and ends of single sessions, in the order in which they arrive. While one batch commits the next one fills.
/// So one flush of the disk serves many requests, and a lone request waits for no other.
/// </summary>
internal sealed class SessionCommandQueue(
    TransactionRunner runner,
    IStorageProvider provider,
    SessionPolicy policy,
    AuthMeter meter,
    TimeProvider clock,
    ILogger<SessionCommandQueue> log) : IHostedService
{
    private const int MaxBatch = 256;
    private const int Capacity = 8192;

    private readonly Channel<SessionCommand> queue = Channel.CreateBounded<SessionCommand>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    private Task worker = Task.CompletedTask;

    /// <summary>Number of commands that wait for a batch.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>
    /// Decides on a refresh and returns once the decision is durable. A batch that has begun is written even if the caller has
    /// gone.
    /// </summary>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true.
    /// </exception>
    public Task<RefreshVerdict> RefreshAsync(RefreshToken token, ClientInfo client) =>
        EnqueueAsync(new RefreshCommand(token, client, policy, log));

    /// <summary>Ends a session, if it is live, and returns once that is durable.</summary>
    /// <returns>True if there is such a session of that user, or of any user if <paramref name="userId"/> is null.</returns>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true.
    /// </exception>
    public Task<bool> EndAsync(Guid sessionId, EndReason reason, Guid? userId, ClientInfo client) =>
        EnqueueAsync(new EndCommand(sessionId, reason, userId, client));

    /// <summary>
    /// Counts a failed login. The caller does not wait for it: the time of the answer would disclose whether the account exists.
    /// </summary>
    public void CountLoginFailure(Guid userId, ClientInfo client)
    {
        var command = new CountLoginFailureCommand(userId, client, log);
        if (!TryEnqueue(command))
        {
            command.Fail(new UnavailableException("Too many requests are waiting."));
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        worker = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Takes no more commands and answers those that wait.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        await worker.WaitAsync(cancellationToken);
    }

    private Task<T> EnqueueAsync<T>(SessionCommand<T> command)
    {
        if (!TryEnqueue(command))
        {
            return Task.FromException<T>(new UnavailableException("Too many requests are waiting, or the server is stopping."));
        }

        return provider.Timeouts.Work == Timeout.InfiniteTimeSpan ? command.Answered : WaitAsync(command, provider.Timeouts.Work);
    }

    private bool TryEnqueue(SessionCommand command)
    {
        command.QueuedAt = clock.GetTimestamp();
        return queue.Writer.TryWrite(command);
    }

    // A batch bounds the time of the commands in it; before that a command can still be withdrawn.
    private static async Task<T> WaitAsync<T>(SessionCommand<T> command, TimeSpan timeout)
    {
        try
        {
            return await command.Answered.WaitAsync(timeout);
        }
        catch (TimeoutException) when (command.TryWithdraw())
        {
            throw new UnavailableException("The database did not answer in time.");
        }
        catch (TimeoutException)
        {
            return await command.Answered;
        }
    }

    private async Task RunAsync()
    {
        var batch = new List<SessionCommand>(MaxBatch);
        while (await queue.Reader.WaitToReadAsync())
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

    private async Task WriteAsync(List<SessionCommand> batch)
    {
        IReadOnlySet<Guid> lost;
        try
        {
            lost = await CommitAsync(batch);
        }
#pragma warning disable CA1031 // The exception belongs to the callers of the batch, and the worker goes on with the next one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await FailAsync(batch, exception);
            return;
        }

        // After the commit nothing may be applied again, except commands whose session a concurrent transaction changed first.
        if (lost.Count == 0)
        {
            Complete(batch, command => command.Answer());
            return;
        }

        var again = batch.FindAll(command => command.SessionId is { } id && lost.Contains(id));
        Complete(batch.FindAll(command => !again.Contains(command)), command => command.Answer());
        await WriteAsync(again);
    }

    private async Task FailAsync(List<SessionCommand> batch, Exception exception)
    {
        if (exception is UnavailableException)
        {
            Complete(batch, command => command.Fail(exception));

            // The commands that wait would fail in the same way, each batch later than the one before.
            while (queue.Reader.TryRead(out var command))
            {
                if (command.TryTake())
                {
                    var away = new UnavailableException("The database is away or too busy.", exception);
                    Complete([command], waiting => waiting.Fail(away));
                }
            }

            return;
        }

        if (batch.Count == 1)
        {
            Complete(batch, command => command.Fail(exception));
            return;
        }

        // One of them can't be done, and the others have nothing to do with it.
        foreach (var command in batch)
        {
            await WriteAsync([command]);
        }
    }

    // A log that fails must not keep a command from its answer, nor the worker from its next batch.
    private static void Complete(List<SessionCommand> batch, Action<SessionCommand> complete)
    {
        foreach (var command in batch)
        {
            try
            {
                complete(command);
            }
#pragma warning disable CA1031 // The log that could report it is what failed.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
        }
    }

    /// <returns>The sessions that a concurrent transaction changed first.</returns>
    private async Task<IReadOnlySet<Guid>> CommitAsync(List<SessionCommand> batch)
    {
        using var span = Spans.StartBatch(batch.Count);
        var begun = 0L;
        var result = await runner.RunBatchAsync(
            async (transaction, ct) =>
            {
                begun = clock.GetTimestamp();
                var sessions = await transaction.LoadAsync([.. batch.Select(command => command.SessionId).OfType<Guid>()], ct);
                foreach (var command in batch)
                {
                    command.Apply(transaction, command.SessionId is { } id ? sessions.GetValueOrDefault(id) : null);
                }
            },
            CancellationToken.None);

        // Failed logins are left out: a figure that moves with them would disclose that an account exists.
        if (batch.Find(command => command.SessionId is not null) is { } oldest)
        {
            var size = batch.Count(command => command.SessionId is not null);
            meter.BatchWritten(size, clock.GetElapsedTime(oldest.QueuedAt, begun), clock.GetElapsedTime(begun));
        }

        return result.Lost;
    }
}
