using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>A database that is stopped and started under load.</summary>
[Collection<Alone>]
public sealed class OutageTests(ITestOutputHelper report)
{
    private const int Clients = 64;
    private const int Outages = 5;

    [Fact]
    public async Task Database_that_is_stopped_and_started_costs_nobody_anything_but_time()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = await Cluster.StartAsync(postgres.Settings.ConnectionString, 1);
        using var patience = new PatientHandler();
        using var http = new HttpClient(patience) { BaseAddress = cluster[0].Http.BaseAddress };
        var fleet = new Fleet(Clients, logoutEvery: 40);
        await fleet.LogInAsync(http);
        var counts = new List<(int Threads, int Files, long Connections)>();
        for (var outage = 0; outage <= Outages; outage++)
        {
            await fleet.UseDuringAsync(http, async () =>
            {
                await fleet.AnsweredAsync(1000);
                if (outage > 0)
                {
                    await postgres.StopAsync();
                    var device = fleet.Devices.First(device => device.Session is not null);
                    await (await http.GetMeAsync(device.Session!.AccessToken)).ShouldBeAsync(System.Net.HttpStatusCode.OK);
                    await RefusedAsync(patience, Clients);
                    await postgres.StartAsync();
                    await fleet.AnsweredAsync(1000);
                }
            });
            counts.Add((
                Directory.GetDirectories($"/proc/{cluster[0].Id}/task").Length,
                Directory.GetFiles($"/proc/{cluster[0].Id}/fd").Length,
                (long)(await postgres.ReadAsync("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'authserver'"))!));
        }

        report.WriteLine(
            $"Threads, open files and connections before and after each outage: {string.Join(' ', counts)}; "
            + $"{fleet.Answers} answers; asked again: {string.Join(", ", patience.Refusals)}.");
        Assert.Equal(["503 with Retry-After"], patience.Refusals.Keys);
        Assert.True(cluster.Log.Count() < fleet.Answers / 2, "The log grows with the work.");
        Assert.Equal(0, await fleet.CountMissingAsync(postgres.Settings.ConnectionString));

        // A leak would add something each time; what comes and goes with the load stays within one outage's worth.
        Assert.True(counts[^1].Threads < counts[0].Threads + Outages * 2, "Threads leak.");
        Assert.True(counts[^1].Files < counts[0].Files + Outages * 4, "Files or connections leak.");
    }

    private static async Task RefusedAsync(PatientHandler patience, int more)
    {
        for (var enough = patience.Refusals.Values.Sum() + more; patience.Refusals.Values.Sum() < enough;)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
