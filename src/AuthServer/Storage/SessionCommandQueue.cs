using System.Threading.Channels;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// Writes rotations and ends of single sessions, in the order they came, as many as are waiting in one transaction: while one
/// batch commits the next one fills, so one flush of the disk serves many and a lone request waits for no one.
/// </summary>
internal sealed class SessionCommandQueue(
    TransactionRunner gate, IStorageProvider database, SessionPolicy policy, AuthMeter meter, TimeProvider clock, ILogger<SessionCommandQueue> log) : IHostedService
{
    private const int LargestBatch = 256;
    private const int LongestQueue = 8192;

    private readonly Channel<SessionCommand> queue = Channel.CreateBounded<SessionCommand>(
        new BoundedChannelOptions(LongestQueue) { SingleReader = true });

    private Task worker = Task.CompletedTask;

    /// <summary>Commands that wait for their turn.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>
    /// Decides on a refresh and returns once the decision is durable. What is queued is written, whether or not its caller waits.
    /// </summary>
    /// <exception cref="UnavailableException">
    /// Nothing was decided: the queue is full or the server stops. Or the database did not answer in time, and nobody knows.
    /// </exception>
    public Task<RefreshVerdict> RefreshAsync(RefreshToken token, ClientInfo client) =>
        EnqueueAsync(new RefreshCommand(token, client, policy, log));

    /// <summary>Ends a session, if it lives, and returns once that is durable.</summary>
    /// <returns>Whether there is such a session of that user, or of anybody where <paramref name="userId"/> is null.</returns>
    /// <exception cref="UnavailableException">As of <see cref="RefreshAsync"/>.</exception>
    public Task<bool> EndAsync(Guid sessionId, EndReason reason, Guid? userId, ClientInfo client) =>
        EnqueueAsync(new EndCommand(sessionId, reason, userId, client));

    /// <summary>
    /// Counts a failed login without making anybody wait for it, or the time of the answer would tell whether the account exists.
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
        worker = Task.Run(WorkAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Takes no more commands, answers those that wait.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        await worker.WaitAsync(cancellationToken);
    }

    private Task<T> EnqueueAsync<T>(SessionCommand<T> command) => TryEnqueue(command)
        ? database.WithTimeoutAsync(command.Answered)
        : Task.FromException<T>(new UnavailableException("Too many requests are waiting, or the server is stopping."));

    private bool TryEnqueue(SessionCommand command)
    {
        command.QueuedAt = clock.GetTimestamp();
        return queue.Writer.TryWrite(command);
    }

    private async Task WorkAsync()
    {
        var batch = new List<SessionCommand>(LargestBatch);
        while (await queue.Reader.WaitToReadAsync())
        {
            // What has arrived already is let in first: fewer and larger batches where there is a crowd, and no wait where there is none.
            await Task.Yield();
            while (batch.Count < LargestBatch && queue.Reader.TryRead(out var command))
            {
                batch.Add(command);
            }

            await WriteAsync(batch);
            batch.Clear();
        }
    }

    private async Task WriteAsync(List<SessionCommand> batch)
    {
        (long Begun, IReadOnlySet<Guid> Lost) commit;
        try
        {
            commit = await CommitAsync(batch);
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to the callers, and the worker has to go on for the next ones.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (StorageErrors.IsTransient(exception))
            {
                // Those that wait behind would only learn the same, and each batch later than the one before.
                while (queue.Reader.TryRead(out var command))
                {
                    batch.Add(command);
                }
            }

            if (batch.Count == 1 || StorageErrors.IsTransient(exception))
            {
                Tell(batch, command => command.Fail(exception));
                return;
            }

            // One of them can't be done, and the others have nothing to do with it.
            foreach (var command in batch)
            {
                await WriteAsync([command]);
            }

            return;
        }

        // Past the commit, where nothing that goes wrong may have it done again, but for what somebody else on the database was ahead of.
        Measure(batch, commit.Begun);
        var lost = commit.Lost.Count == 0 ? [] : batch.FindAll(command => command.SessionId is { } id && commit.Lost.Contains(id));
        Tell(lost.Count == 0 ? batch : batch.FindAll(command => !lost.Contains(command)), command => command.Answer());
        if (lost.Count > 0)
        {
            await WriteAsync(lost);
        }
    }

    // A log that fails keeps nobody from an answer, nor the worker from its next batch.
    private static void Tell(List<SessionCommand> batch, Action<SessionCommand> tell)
    {
        foreach (var command in batch)
        {
            try
            {
                tell(command);
            }
#pragma warning disable CA1031 // What could say it is what failed.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
        }
    }

    // Of what somebody waits for. A failed login of a known account comes here too, and a figure that moved would tell that it is known.
    private void Measure(List<SessionCommand> batch, long begun)
    {
        if (batch.Find(command => command.SessionId is not null) is { } oldest)
        {
            var size = batch.Count(command => command.SessionId is not null);
            meter.BatchWritten(size, clock.GetElapsedTime(oldest.QueuedAt, begun), clock.GetElapsedTime(begun));
        }
    }

    /// <returns>The timestamp of the batch's turn, and the sessions that it has to be decided on again.</returns>
    private async Task<(long Begun, IReadOnlySet<Guid> Lost)> CommitAsync(List<SessionCommand> batch)
    {
        using var span = Spans.StartBatch(batch.Count);
        var begun = 0L;
        var turn = await gate.RunAtLeisureAsync(
            turn =>
            {
                begun = clock.GetTimestamp();
                return ApplyAsync(turn, batch);
            },
            CancellationToken.None);
        return (begun, turn.Lost);
    }

    private static async Task<WriteTransaction> ApplyAsync(WriteTransaction turn, List<SessionCommand> batch)
    {
        var sessions = await turn.ReadAsync([.. batch.Select(command => command.SessionId).OfType<Guid>()]);
        foreach (var command in batch)
        {
            command.Apply(turn, command.SessionId is { } id ? sessions.GetValueOrDefault(id) : null);
        }

        return turn;
    }
}
