using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Hardening.Tests;
using AuthServer.Hardening.Tests.Faults;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>
/// Access keys that rotate while devices refresh, and call private routes of the server and of two back ends. One of these is in
/// Node with <c>jose</c>. The variable <c>HARDENING</c> asks for the long form of three minutes.
/// </summary>
public sealed class RotationTests(Checkout checkout, ITestOutputHelper report) : IClassFixture<Checkout>
{
    private static readonly int Clients = HardeningRun.Of(4, 16);
    private static readonly int Rotations = HardeningRun.Of(1, 3);

    // In the long form a rotation begins 40 seconds after the one before.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(HardeningRun.Of(0, 40));

    // In the short form, tests beside it keep the database busy for up to ten seconds. Back ends hear of a key that late.
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(HardeningRun.Of(12, 10));

    private static readonly string[] Settings =
        ["Tokens:Algorithm=ES256", "Tokens:AccessLifetime=00:00:20", $"Keys:PublishAhead={Ahead}", "Shutdown:Drain=00:00:05"];

    [Fact]
    public async Task Rotation_on_one_node_refuses_no_request()
    {
        using var data = new DataFolder();
        var issuer = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        await using var server = await ServerProcess.StartAsync(
            data, [$"urls={issuer}", "Tokens:Issuer=" + issuer.ToString().TrimEnd('/'), .. Settings]);
        await RotateAsync(issuer, line => CommandRun.RunAsync(data, "", [.. line, .. Settings.Select(one => "--" + one)]));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Rotation_on_three_nodes_refuses_no_request(bool restarts, bool isOneAhead)
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        using var folder = new DataFolder();
        var issuer = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        await using var cluster = new Cluster(
            postgres.Settings.ConnectionString, 3, ["Tokens:Issuer=" + issuer.ToString().TrimEnd('/'), .. Settings]);
        if (isOneAhead)
        {
            SteppingClock.SkipUnlessAvailable();
            var clock = new SteppingClock(folder.Root);
            cluster.Adjust = (node, command) => node == 2 ? clock.AddTo(command, TimeSpan.FromSeconds(4)) : command;
        }

        await cluster.StartAllAsync();
        await using var haproxy = await BalancerProcess.StartHaproxyAsync(folder.Root, issuer.Port, cluster.Ports);
        await RotateAsync(issuer, line => cluster.RunAsync("", line), restarts ? RestartAsync : null);

        async Task RestartAsync()
        {
            await cluster.StopAsync(1);
            await cluster.StartAsync(1);
        }
    }

    private async Task RotateAsync(
        Uri issuer, Func<string[], Task<CommandRun>> runAsync, Func<Task>? duringAsync = null)
    {
        var added = await runAsync(["resources", "add", "orders"]);
        var secret = Assert.Single(added.Output);
        await using var package = await DotnetBackEnd.StartAsync(issuer, secret);
        await using var node = await NodeBackEnd.StartAsync(checkout, issuer, secret);
        using var handler = new RetryingHandler();
        using var http = new HttpClient(handler) { BaseAddress = issuer };
        var keys = new ConcurrentDictionary<string, int>();
        var fleet = new Fleet(Clients, logoutEvery: 0)
        {
            UseTokenAsync = async accessToken =>
            {
                var header = JsonNode.Parse(Base64Url.DecodeFromChars(accessToken.Split('.')[0]))!;
                keys.AddOrUpdate($"{header["kid"]} {header["alg"]}", 1, (_, count) => count + 1);
                await (await http.GetMeAsync(accessToken)).ShouldBeAsync(HttpStatusCode.OK);
                await (await package.AskAsync(accessToken)).ShouldBeAsync(HttpStatusCode.OK);
                var (status, text) = await node.AskAsync(accessToken);
                Assert.True(status == HttpStatusCode.OK, text);
            },
        };

        // All devices log in at once, at nodes that have just started. What these have no time for is not the rotation's fault.
        using var calm = new HttpClient(new RetryingHandler()) { BaseAddress = issuer };
        await fleet.LogInAsync(calm);
        await fleet.UseDuringAsync(http, async () =>
        {
            for (var rotation = 1; rotation <= Rotations; rotation++)
            {
                var next = Task.Delay(Interval, TestContext.Current.CancellationToken);
                string[] change = rotation == Rotations ? ["--algorithm", "RS256"] : [];
                var rotated = await runAsync(["keys", "rotate", .. change]);
                Assert.True(rotated.Code == 0, string.Join('\n', rotated.Errors));
                await (duringAsync?.Invoke() ?? Task.CompletedTask);
                while (keys.Count == rotation)
                {
                    await fleet.WaitForResponsesAsync(1);
                }

                await next;
            }

            // All of these have tokens of the newest key, and some still of the one before it.
            await fleet.WaitForResponsesAsync(HardeningRun.Of(10, 500) * Clients);
            await Task.Delay(Interval * 1.5, TestContext.Current.CancellationToken);
        });
        report.WriteLine(
            $"{fleet.Responses} refreshes and {3 * keys.Values.Sum()} private requests, none of which was refused; "
            + $"tokens by key: {string.Join(", ", keys.OrderBy(key => key.Key))}; retries: {string.Join(", ", handler.Retries)}");

        // In the short form, tests beside it may keep the machine too busy to answer in time.
        if (HardeningRun.IsLong && duringAsync is null)
        {
            Assert.Empty(handler.Retries);
        }

        // A node that restarts carries out the setting again, which the last rotation contradicts.
        Assert.InRange(keys.Count, Rotations + 1, Rotations + 2);
        Assert.Contains(keys.Keys, key => key.EndsWith("RS256", StringComparison.Ordinal));
    }
}
