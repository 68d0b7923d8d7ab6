using AuthServer.Benchmarks.Load;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>
/// What users of a server notice while logins flood it: theirs is the rate that goes on. A server may turn logins away with 503;
/// any other answer than the one that was asked for, and every one to the users, fails the work.
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
            ClosedLoop.RunAsync(clients[..Logins], Act.Login, time, login, ct),
            OpenLoop.RunAsync(clients[Logins..(Logins + Readers)], Act.Private, PrivatePerSecond, time, reading, ct),
            OpenLoop.RunAsync(clients[(Logins + Readers)..], Act.Refresh, RefreshesPerSecond, time, refresh, ct));

        login.ThrowIfFailed($"{title}, login in the flood, where 503 alone is let pass");
        reading.ThrowIfFailed($"{title}, private GET in the flood");
        refresh.ThrowIfFailed($"{title}, refresh in the flood");
        return
        [
            (Metric.LoginsPerSecond, login.Done / time.TotalSeconds),
            (Metric.PrivateP99, reading.Latencies().GetValueAtPercentile(99) / 1000.0),
            (Metric.RefreshP99, refresh.Latencies().GetValueAtPercentile(99) / 1000.0),
            (Metric.LoginsTurnedAway, login.Unavailable),
        ];
    }
}
