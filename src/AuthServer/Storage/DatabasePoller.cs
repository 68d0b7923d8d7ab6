using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>Reads, every second, what another process on this database has changed, such as a command.</summary>
internal sealed class DatabasePoller(IEnumerable<IReloadable> state, ILogger<DatabasePoller> log)
    : BackgroundService, INodeCondition
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private volatile bool hasFailed;

    /// <inheritdoc/>
    public string? NotReadyReason => hasFailed ? "It can't read which sessions have ended." : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Deliberately not TimeProvider: a test that moves it by days would cause a hundred thousand reads.
            while (true)
            {
                await Task.Delay(Interval, stoppingToken);
                await TryReadAsync(stoppingToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || stoppingToken.IsCancellationRequested)
        {
            // The server stops, or did not finish its start. Whatever fails then is a consequence.
        }
    }

    private async Task TryReadAsync(CancellationToken ct)
    {
        try
        {
            await state.ReloadAsync(ct);
            hasFailed = false;
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            if (!hasFailed)
            {
                log.EndsNotRead(exception);
            }

            hasFailed = true;
        }
    }
}
