namespace AuthServer.Storage.Sqlite;

/// <summary>Learns every second which sessions a command beside this server has ended.</summary>
internal sealed class SessionEndPoller(SessionEndPublisher ends) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // By no clock that tests move: days at once would be a hundred thousand looks.
            while (true)
            {
                await Task.Delay(Interval, stoppingToken);
                await TryReadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops, or never came to start.
        }
    }

    private async Task TryReadAsync(CancellationToken ct)
    {
        try
        {
            await ends.PublishRecentAsync(ct);
        }
        catch (Exception exception) when (StorageErrors.IsTransient(exception))
        {
            // Whoever asks for something hears of it, and so does /health/ready.
        }
    }
}
