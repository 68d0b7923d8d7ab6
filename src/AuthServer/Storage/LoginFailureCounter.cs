using System.Threading.Channels;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// Counts failed logins, apart from the answers to them: the time of an answer would disclose whether the account exists. Safe to
/// share.
/// </summary>
internal sealed class LoginFailureCounter(TransactionRunner runner, TimeProvider clock, ILogger<LoginFailureCounter> log)
    : BackgroundService
{
    private const int MaxBatch = 256;
    private const int Capacity = 8192;

    private readonly Channel<Failure> queue = Channel.CreateBounded<Failure>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Counts a failed login of an account, soon. A failure that can't be counted is logged.</summary>
    public void Count(Guid userId, ClientInfo client)
    {
        var failure = new Failure(userId, clock.GetUtcNow(), client);
        if (!queue.Writer.TryWrite(failure))
        {
            Report([failure], new UnavailableException("Too many failures wait to be counted."));
        }
    }

    /// <summary>Counts what waits, and no more.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        return base.StopAsync(cancellationToken);
    }

    // A stop completes the queue, and what waits in it is counted first.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Failure>(MaxBatch);
        while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < MaxBatch && queue.Reader.TryRead(out var failure))
            {
                batch.Add(failure);
            }

            // Those of one account at a time, so that a locked row delays the counts of no other account for long.
            foreach (var failures in batch.GroupBy(failure => failure.UserId))
            {
                await WriteAsync([.. failures]);
            }

            batch.Clear();
        }
    }

    private async Task WriteAsync(List<Failure> batch)
    {
        try
        {
            await runner.RunAsync(
                (transaction, _) =>
                {
                    batch.ForEach(failure => transaction.CountLoginFailure(failure.UserId, failure.At, failure.Client));
                    return Task.CompletedTask;
                },
                isBatch: false,
                CancellationToken.None);
        }
#pragma warning disable CA1031 // No caller waits for it, and the worker goes on with the next failures.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Report(batch, exception);
        }
    }

    private void Report(List<Failure> batch, Exception exception)
    {
        try
        {
            batch.ForEach(failure => log.LoginFailureNotCounted(failure.UserId, exception));
        }
#pragma warning disable CA1031 // The log is what failed.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private sealed record Failure(Guid UserId, DateTimeOffset At, ClientInfo Client);
}
