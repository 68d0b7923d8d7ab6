namespace AuthServer.Storage.Sqlite;

/// <summary>Learns every second which sessions a command beside this server has ended.</summary>
internal sealed class SqliteWatch(SessionEnds ends, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
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
            await ends.ReadAsync(ct);
        }
        catch (Exception exception) when (UnavailableException.Explains(exception))
        {
            // Whoever asks for something hears of it, and so does /health/ready.
        }
    }
}
