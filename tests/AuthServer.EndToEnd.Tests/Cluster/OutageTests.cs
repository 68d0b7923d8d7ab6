using System.Net;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>A database that is stopped and restarted under load.</summary>
[Collection<SequentialTests>]
public sealed class OutageTests(ITestOutputHelper report)
{
    private const int Clients = 64;
    private const int Outages = 5;

    [Fact]
    public async Task Restarted_database_delays_requests_and_fails_none()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = await Cluster.StartAsync(postgres.Settings.ConnectionString, 1);
        using var handler = new RetryingHandler();
        using var http = new HttpClient(handler) { BaseAddress = cluster[0].Http.BaseAddress };
        var fleet = new Fleet(Clients, logoutEvery: 40);
        await fleet.LogInAsync(http);
        const string ConnectionCount = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'authserver'";
        var counts = new List<(int Threads, int Files, long Connections)>();
        for (var outage = 0; outage <= Outages; outage++)
        {
            await fleet.UseDuringAsync(http, async () =>
            {
                await fleet.WaitForResponsesAsync(1000);
                if (outage > 0)
                {
                    await postgres.StopAsync();
                    var device = fleet.Devices.First(device => device.Session is not null);
                    await (await http.GetMeAsync(device.Session!.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
                    await WaitForRetriesAsync(handler, Clients);
                    await postgres.StartAsync();
                    await fleet.WaitForResponsesAsync(1000);
                }
            });
            counts.Add((
                Directory.GetDirectories($"/proc/{cluster[0].Id}/task").Length,
                Directory.GetFiles($"/proc/{cluster[0].Id}/fd").Length,
                (long)(await postgres.ReadAsync(ConnectionCount))!));
        }

        report.WriteLine(
            $"Threads, open files and connections before and after each outage: {string.Join(' ', counts)}; "
            + $"{fleet.Responses} responses; retries: {string.Join(", ", handler.Retries)}.");
        Assert.Equal(["503 with Retry-After"], handler.Retries.Keys);
        Assert.True(cluster.Log.Count() < fleet.Responses / 2, "The log grows with the number of requests.");
        Assert.Equal(0, await fleet.CountMissingAsync(postgres.Settings.ConnectionString));

        // A leak would grow with each outage. Fluctuation with the load stays below these limits.
        Assert.True(counts[^1].Threads < counts[0].Threads + Outages * 2, "Threads leak.");
        Assert.True(counts[^1].Files < counts[0].Files + Outages * 4, "Files or connections leak.");
    }

    private static async Task WaitForRetriesAsync(RetryingHandler handler, int count)
    {
        for (var end = handler.Retries.Values.Sum() + count; handler.Retries.Values.Sum() < end;)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
