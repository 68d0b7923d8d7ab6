using AuthServer.Benchmarks.Load;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>
/// Measures private GETs and refreshes at a fixed rate during a flood of logins. A server may refuse logins with 503. Any other
/// unexpected response fails the workload.
/// </summary>
internal static class Flood
{
    private const int Logins = 8;
    private const int Readers = 64;
    private const int Refreshers = 32;
    private const double PrivatePerSecond = 400;
    private const double RefreshesPerSecond = 100;

    public static async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(
        ClientPool pool, string title, TimeSpan time, CancellationToken ct)
    {
        var clients = (await pool.ConnectAsync(Logins + Readers + Refreshers, ct)).ToList();
        await Task.WhenAll(clients.Select(client => client.RenewAsync(ct).AsTask()));

        var (login, reading, refresh) = (new Tally(toleratesUnavailable: true), new Tally(), new Tally());
        await Task.WhenAll(
            ClosedLoop.RunAsync(clients[..Logins], RequestKind.Login, time, login, ct),
            OpenLoop.RunAsync(clients[Logins..(Logins + Readers)], RequestKind.Private, PrivatePerSecond, time, reading, ct),
            OpenLoop.RunAsync(clients[(Logins + Readers)..], RequestKind.Refresh, RefreshesPerSecond, time, refresh, ct));

        login.ThrowIfFailed($"{title}, login during the flood, which tolerates only 503");
        reading.ThrowIfFailed($"{title}, private GET during the flood");
        refresh.ThrowIfFailed($"{title}, refresh during the flood");
        return
        [
            (Metric.LoginsPerSecond, login.Completed / time.TotalSeconds),
            (Metric.PrivateP99, reading.Latencies().GetValueAtPercentile(99) / 1000.0),
            (Metric.RefreshP99, refresh.Latencies().GetValueAtPercentile(99) / 1000.0),
            (Metric.LoginsRefused, login.Unavailable),
        ];
    }
}
