using System.Diagnostics;
using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Hardening.Tests;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>
/// Nodes behind a load balancer that are killed, stopped, or without their database. The variable <c>HARDENING</c> asks for the
/// long form.
/// </summary>
[Collection<SequentialTests>]
public sealed class NodeKillTests(ITestOutputHelper report)
{
    private const int Clients = 64;
    private const int LogoutEvery = 40;
    private const int FewClients = 16;

    private static readonly int Kills = HardeningRun.Of(3, 9);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_and_restarted_nodes_fail_no_request()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = await Cluster.StartAsync(postgres.Settings.ConnectionString, 3);
        using var folder = new DataFolder();
        var port = LoopbackPort.Free();
        await using var haproxy = await BalancerProcess.StartHaproxyAsync(folder.Root, port, cluster.Ports);
        using var handler = new RetryingHandler();
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        var fleet = new Fleet(Clients, LogoutEvery);
        await fleet.LogInAsync(http);
        await fleet.UseDuringAsync(http, async () =>
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                await cluster.KillAsync(kill % 3);
                await cluster.StartAsync(kill % 3);
                await fleet.WaitForResponsesAsync(200);
            }
        });
        await fleet.RefreshAsync(http);
        var loggedOut = fleet.Devices.SelectMany(device => device.LoggedOut).ToList();
        report.WriteLine(
            $"{Kills} nodes killed; {fleet.Responses} responses, "
            + $"{fleet.Devices.Sum(device => device.Rotations)} of them to rotations and {loggedOut.Count} to logouts; "
            + $"retries: {string.Join(", ", handler.Retries)}.");

        // No request of a device has failed, or the fleet would have thrown. The rest is not visible to devices.
        Assert.Equal(0, await fleet.CountMissingAsync(postgres.Settings.ConnectionString));
        Assert.Equal(0L, await postgres.ReadAsync("SELECT count(*) FROM sessions WHERE end_reason = 7"));
        Assert.Empty(cluster.Log.OfEvent(ServerEvent.RefreshTokenReused));
        foreach (var node in cluster.Nodes)
        {
            await Parallel.ForEachAsync(loggedOut, Ct, async (session, _) =>
            {
                await (await node.Http.GetMeAsync(session.AccessToken)).ShouldBeLoggedOutAsync();
                await (await node.Http.PresentAsync(session.RefreshToken)).ShouldBeLoggedOutAsync();
            });
        }
    }

    [Fact]
    public async Task Nodes_that_drain_before_they_stop_fail_no_request()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = await Cluster.StartAsync(
            postgres.Settings.ConnectionString, 3, "Shutdown:Drain=00:00:05");
        using var folder = new DataFolder();
        var port = LoopbackPort.Free();
        await using var haproxy = await BalancerProcess.StartHaproxyAsync(folder.Root, port, cluster.Ports);
        using var handler = new RetryingHandler();
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        var fleet = new Fleet(FewClients, LogoutEvery);
        await fleet.LogInAsync(http);
        await fleet.UseDuringAsync(http, async () =>
        {
            for (var node = 0; node < 2; node++)
            {
                await cluster.StopAsync(node);
                await cluster.StartAsync(node);
                await fleet.WaitForResponsesAsync(200);
            }
        });
        Assert.Equal(0, await fleet.CountMissingAsync(postgres.Settings.ConnectionString));

        // A machine that is busy may miss the time limit of a request, and then a node says so itself.
        Assert.DoesNotContain(handler.Retries.Keys, cause => cause != "503 with Retry-After");
    }

    [Fact]
    public async Task Nodes_without_database_answer_private_routes()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = await Cluster.StartAsync(postgres.Settings.ConnectionString, 3);
        using var folder = new DataFolder();
        var port = LoopbackPort.Free();
        await using var haproxy = await BalancerProcess.StartHaproxyAsync(folder.Root, port, cluster.Ports);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await http.RegisterAsync("ada");
        var pair = await http.LogInAsync("ada");
        await postgres.StopAsync();

        // Longer than the balancer takes to mark a node down, which it checks every second.
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(5);)
        {
            await (await http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        }
    }
}
