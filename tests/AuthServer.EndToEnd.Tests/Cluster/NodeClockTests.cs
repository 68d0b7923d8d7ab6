using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Hardening.Tests.Faults;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>A node behind a load balancer whose clock is far off.</summary>
public sealed class NodeClockTests
{
    private const int Requests = 300;

    [Fact]
    public async Task Node_with_clock_8_seconds_ahead_gets_no_traffic()
    {
        SteppingClock.SkipUnlessAvailable();
        using var postgres = await Cluster.StartDatabaseAsync();
        using var folder = new DataFolder();
        var clock = new SteppingClock(folder.Root);
        await using var cluster = new Cluster(postgres.Settings.ConnectionString, 3, [])
        {
            Adjust = (node, command) => node == 2 ? clock.AddTo(command) : command,
        };
        await cluster.StartAllAsync();
        var port = LoopbackPort.Free();
        await using var haproxy = await BalancerProcess.StartHaproxyAsync(folder.Root, port, cluster.Ports);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await http.RegisterAsync("ada");
        var pair = await http.LogInAsync("ada");

        clock.Set(TimeSpan.FromSeconds(8));
        await Eventually.BecomesAsync(async () =>
            await StatusAsync(cluster[2].Http, "/health/traffic") == HttpStatusCode.ServiceUnavailable);

        // The balancer asks every second. Until it has, every third request may fail.
        var accepted = 0;
        await Eventually.BecomesAsync(async () =>
        {
            pair = await http.RefreshAsync(pair.RefreshToken);
            using var me = await http.GetMeAsync(pair.AccessToken);
            accepted = me.StatusCode == HttpStatusCode.OK ? accepted + 1 : 0;
            return accepted == 10;
        });
        for (var request = 0; request < Requests; request++)
        {
            if (request % 10 == 0)
            {
                pair = await http.RefreshAsync(pair.RefreshToken);
            }

            await (await http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path) =>
        (await http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode;
}
