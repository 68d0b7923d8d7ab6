using System.Diagnostics;
using System.Globalization;
using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Hardening.Tests;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>
/// Ends of sessions as a back end learns them from three nodes behind a proxy. The variable <c>HARDENING</c> asks for the long
/// form.
/// </summary>
public sealed class EndedSessionTests : IAsyncLifetime
{
    private readonly DataFolder folder = new();
    private readonly Uri issuer = new($"http://127.0.0.1:{LoopbackPort.Free()}");
    private readonly ITestOutputHelper report;
    private readonly HttpClient http;
    private PostgresProcess? postgres;
    private Cluster? cluster;
    private BalancerProcess? haproxy;
    private DotnetBackEnd? orders;

    public EndedSessionTests(ITestOutputHelper report) => (this.report, http) = (report, new HttpClient { BaseAddress = issuer });

    public async ValueTask InitializeAsync()
    {
        postgres = await Cluster.StartDatabaseAsync();
        cluster = await Cluster.StartAsync(
            postgres.Settings.ConnectionString, 3, "Tokens:Issuer=" + issuer.ToString().TrimEnd('/'), "Tokens:Algorithm=ES256");
        await StartProxyAsync();
        var added = await cluster.RunAsync("", "resources", "add", "orders");
        orders = await DotnetBackEnd.StartAsync(issuer, Assert.Single(added.Output));
        await http.RegisterAsync("ada");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { orders, haproxy, cluster })
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        postgres?.Dispose();
        http.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Back_end_refuses_session_soon_after_its_logout()
    {
        var delays = new List<double>();
        for (var count = HardeningRun.Of(20, 1000); count > 0; count--)
        {
            var pair = await http.LogInAsync("ada");
            await (await orders!.AskAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
            await http.LogOutAsync(pair.RefreshToken);
            var answeredAt = Stopwatch.GetTimestamp();
            HttpResponseMessage answer;
            do
            {
                answer = await orders.AskAsync(pair.AccessToken);
            }
            while (answer.StatusCode == HttpStatusCode.OK);
            delays.Add(Stopwatch.GetElapsedTime(answeredAt).TotalMilliseconds);
            await answer.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
        }

        delays.Sort();
        report.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ms from the answer to the refusal, of {delays.Count} logouts: min {delays[0]:0.00}, "
            + $"median {delays[delays.Count / 2]:0.00}, p99 {delays[delays.Count * 99 / 100]:0.00}, max {delays[^1]:0.00}"));
    }

    [Fact]
    public async Task Back_end_misses_no_end_while_its_feed_is_cut()
    {
        var pairs = new List<Pair>();
        for (var count = HardeningRun.Of(20, 90); count > 0; count--)
        {
            pairs.Add(await http.LogInAsync("ada"));
        }

        await haproxy!.DisposeAsync();
        haproxy = null;
        await orders!.HealthBecomesAsync("Degraded");
        foreach (var (index, pair) in pairs.Index().SkipLast(1))
        {
            await cluster![index % 3].Http.LogOutAsync(pair.RefreshToken);
        }

        await Task.Delay(TimeSpan.FromSeconds(HardeningRun.Of(0, 5)), TestContext.Current.CancellationToken);
        await (await orders.AskAsync(pairs[0].AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        await StartProxyAsync();
        await orders.HealthBecomesAsync("Healthy");
        foreach (var pair in pairs.SkipLast(1))
        {
            var answer = await orders.AskAsync(pair.AccessToken);
            await answer.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
        }

        await (await orders.AskAsync(pairs[^1].AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
    }

    private async Task StartProxyAsync() =>
        haproxy = await BalancerProcess.StartHaproxyAsync(folder.Root, issuer.Port, cluster!.Ports);
}
