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
    EndedSessionMemory memory,
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
    public Task<RefreshResult> RefreshAsync(RefreshToken token, ClientInfo client) =>
        EnqueueAsync(new RefreshCommand(token, client, policy, log, clock.GetTimestamp()));

    /// <summary>Ends a session, if it is live, and returns once that is durable.</summary>
    /// <returns>True if there is such a session of that user, or of any user if <paramref name="userId"/> is null.</returns>
    /// <exception cref="UnavailableException">
    /// Nothing was changed, unless <see cref="UnavailableException.IsOutcomeUnknown"/> is true.
    /// </exception>
    public Task<bool> EndAsync(Guid sessionId, EndReason reason, Guid? userId, ClientInfo client) =>
        EnqueueAsync(new EndCommand(sessionId, reason, userId, client, memory, clock.GetTimestamp()));

    /// <summary>
    /// Counts a failed login. The caller does not wait for it: the time of the answer would disclose whether the account exists.
    /// </summary>
    public void CountLoginFailure(Guid userId, ClientInfo client)
    {
        var command = new CountLoginFailureCommand(userId, client, log, clock.GetTimestamp());
        if (!queue.Writer.TryWrite(command))
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
        if (!queue.Writer.TryWrite(command))
        {
            return Task.FromException<T>(new UnavailableException("Too many requests are waiting, or the server is stopping."));
        }

        return provider.Timeouts.Work == Timeout.InfiniteTimeSpan ? command.Answered : WaitAsync(command, provider.Timeouts.Work);
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
        CommitResult result;
        var begun = clock.GetTimestamp();
        using var span = Spans.StartBatch(batch.Count);
        try
        {
            result = await runner.RunAsync(
                async (transaction, ct) =>
                {
                    begun = clock.GetTimestamp();
                    var ids = batch.Select(command => command.SessionId).OfType<Guid>();
                    var sessions = await transaction.LoadAsync([.. ids], ct);
                    foreach (var command in batch)
                    {
                        command.Apply(transaction, command.SessionId is { } id ? sessions.GetValueOrDefault(id) : null);
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

        // Failed logins are left out: a figure that moves with them would disclose that an account exists.
        if (batch.Find(command => command.SessionId is not null) is { } oldest)
        {
            var size = batch.Count(command => command.SessionId is not null);
            meter.BatchWritten(size, clock.GetElapsedTime(oldest.QueuedAt, begun), clock.GetElapsedTime(begun));
        }

        // After the commit nothing may be applied again, except commands whose session a concurrent transaction changed first.
        var lost = result.Lost.Count == 0
            ? []
            : batch.FindAll(command => command.SessionId is { } id && result.Lost.Contains(id));
        foreach (var command in lost.Count == 0 ? batch : batch.FindAll(command => !lost.Contains(command)))
        {
            command.Answer();
        }

        if (lost.Count > 0)
        {
            await WriteAsync(lost);
        }
    }

    private async Task FailAsync(List<SessionCommand> batch, Exception exception)
    {
        if (exception is not UnavailableException && batch.Count > 1)
        {
            // One of them can't be done, and the others have nothing to do with it.
            foreach (var command in batch)
            {
                await WriteAsync([command]);
            }

            return;
        }

        batch.ForEach(command => command.Fail(exception));
        if (exception is not UnavailableException)
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
