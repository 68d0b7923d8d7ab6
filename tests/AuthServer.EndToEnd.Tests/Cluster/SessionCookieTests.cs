using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Hardening.Tests;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>
/// A browser that is known by a session cookie alone, at any of three nodes. The variable <c>HARDENING</c> asks for
/// the long form.
/// </summary>
public sealed class SessionCookieTests(ITestOutputHelper report)
{
    private static readonly int Requests = HardeningRun.Of(100, 1000);
    private static readonly int Kills = HardeningRun.Of(3, 30);

    // In the long form, the requests of both tabs last a hundred lifetimes of an access token.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(HardeningRun.Of(0, 400));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sessions_outlive_killed_nodes()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = await Cluster.StartAsync(
            postgres.Settings.ConnectionString, 3, "Tokens:AccessLifetime=00:00:02");
        using var handler = new RetryingHandler();
        using var http = new HttpClient(handler) { BaseAddress = cluster[0].Http.BaseAddress };
        await http.RegisterAsync("ada");
        var cookie = await LogInAsync(http);
        var answers = 0;
        var killed = false;
        var tabs = Enumerable.Range(0, 2).Select(async tab =>
        {
            for (var request = tab; request < Requests || !killed; request += 2)
            {
                using var answer = await GetMeAsync(http, cluster.Ports[request / 2 % 3], cookie);
                await answer.ShouldBeAsync(HttpStatusCode.OK);
                Interlocked.Increment(ref answers);
                await Task.Delay(Pause, Ct);
            }
        }).ToList();
        for (var kill = 0; kill < Kills; kill++)
        {
            await cluster.KillAsync(kill % 3);
            await cluster.StartAsync(kill % 3);
        }

        killed = true;
        await Task.WhenAll(tabs);
        report.WriteLine($"{answers} answers, {Kills} nodes killed; retries: {string.Join(", ", handler.Retries)}");
    }

    [Fact]
    public async Task Every_node_refuses_session_soon_after_its_end_elsewhere()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = await Cluster.StartAsync(postgres.Settings.ConnectionString, 3);
        using var handler = new RetryingHandler();
        using var http = new HttpClient(handler) { BaseAddress = cluster[0].Http.BaseAddress };
        await http.RegisterAsync("ada");
        var delays = new List<double>();
        for (var count = HardeningRun.Of(10, 300); count > 0; count--)
        {
            var cookie = await LogInAsync(http);
            foreach (var port in cluster.Ports)
            {
                await (await GetMeAsync(http, port, cookie)).ShouldBeAsync(HttpStatusCode.OK);
            }

            await http.LogOutEverywhereAsync("ada");
            var answeredAt = Stopwatch.GetTimestamp();
            await Task.WhenAll(cluster.Ports.Select(async port =>
            {
                HttpResponseMessage answer;
                do
                {
                    answer = await GetMeAsync(http, port, cookie);
                }
                while (answer.StatusCode == HttpStatusCode.OK);
                await answer.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
            }));
            delays.Add(Stopwatch.GetElapsedTime(answeredAt).TotalMilliseconds);
        }

        // Without a notification, a node would read the session again only after the lifetime of an access token.
        Assert.InRange(delays.Max(), 0, TimeSpan.FromMinutes(1).TotalMilliseconds);
        delays.Sort();
        report.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ms from the answer to the refusal of three nodes, of {delays.Count} logouts: min {delays[0]:0.00}, "
            + $"median {delays[delays.Count / 2]:0.00}, p99 {delays[delays.Count * 99 / 100]:0.00}, max {delays[^1]:0.00}"));
    }

    /// <summary>Logs in, and returns the cookie.</summary>
    private static async Task<string> LogInAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login?transport=session")
        {
            Headers = { { "Origin", http.BaseAddress!.GetLeftPart(UriPartial.Authority) } },
            Content = JsonContent.Create(new { username = "ada", HttpAssertions.Password }),
        };
        using var answer = await http.SendAsync(request, Ct);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        var set = answer.Headers.GetValues("Set-Cookie");
        return Assert.Single(set, one => one.StartsWith("__Host-session=", StringComparison.Ordinal)).Split(';')[0];
    }

    private static async Task<HttpResponseMessage> GetMeAsync(HttpClient http, int port, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/me")
        {
            Headers = { { "Cookie", cookie } },
        };
        return await http.SendAsync(request, Ct);
    }
}
