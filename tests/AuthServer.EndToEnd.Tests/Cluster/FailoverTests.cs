using System.Globalization;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>A failover under load: the primary database is killed, and its standby is promoted.</summary>
[Collection<SequentialTests>]
public sealed partial class FailoverTests(ITestOutputHelper report)
{
    private const int Clients = 32;

    [Fact]
    public async Task Failover_that_loses_commits_keeps_sessions()
    {
        using var primary = await Cluster.StartDatabaseAsync();
        await using var replication = new NetworkProxy(primary.Settings.Port);
        using var standby = await primary.StartStandbyAsync(replication.Port);
        var (lost, recovered) = await FailOverAsync(primary, standby, logoutEvery: 0, async fleet =>
        {
            // From here on, commits are only on the primary.
            replication.Silence();
            await fleet.WaitForResponsesAsync(2000);
            await primary.KillAsync();
            replication.Cut();
        });
        Assert.True(lost > 0, "The failover lost no commits, so the test shows nothing.");
        Assert.Equal(lost, recovered);
    }

    [Fact]
    public async Task Synchronous_standby_loses_nothing()
    {
        using var primary = await Cluster.StartDatabaseAsync();
        using var standby = await primary.StartStandbyAsync(primary.Settings.Port);
        await primary.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await primary.ExecuteAsync("ALTER SYSTEM SET synchronous_commit = 'remote_apply'");
        await primary.ExecuteAsync("SELECT pg_reload_conf()");
        var (lost, recovered) = await FailOverAsync(primary, standby, logoutEvery: 10, async fleet =>
        {
            await fleet.WaitForResponsesAsync(2000);
            await primary.KillAsync();
        });
        Assert.Equal((0, 0), (lost, recovered));
    }

    [GeneratedRegex("\"Generations\":([0-9]+)")]
    private static partial Regex RecoveredGenerations();

    /// <summary>Runs two nodes and a fleet of devices through a failover.</summary>
    /// <param name="primary">The primary.</param>
    /// <param name="standby">The standby, which is promoted.</param>
    /// <param name="logoutEvery">One request in this many is a logout; 0 for no logouts.</param>
    /// <param name="killAsync">Kills the primary.</param>
    /// <returns>The number of generations that the standby lacked, and of those that the nodes recovered.</returns>
    private async Task<(int Lost, int Recovered)> FailOverAsync(
        PostgresProcess primary, PostgresProcess standby, int logoutEvery, Func<Fleet, Task> killAsync)
    {
        var hosts = $"Host=127.0.0.1:{primary.Settings.Port},127.0.0.1:{standby.Settings.Port};Target Session Attributes=primary;"
            + $"Username={primary.Settings.Username};Database={primary.Settings.Database}";
        await using var cluster = await Cluster.StartAsync(hosts, 2, "Sessions:Grace=00:00:30");
        using var handler = new RetryingHandler();
        using var http = new HttpClient(handler) { BaseAddress = cluster[0].Http.BaseAddress };
        var fleet = new Fleet(Clients, logoutEvery);
        await fleet.LogInAsync(http);
        await WaitForReplicationAsync(primary, standby);

        var lost = 0;
        await fleet.UseDuringAsync(http, async () =>
        {
            await fleet.WaitForResponsesAsync(500);
            await killAsync(fleet);

            // Without a primary no request succeeds. The devices may still read answers from before, so the count has to settle.
            int before;
            do
            {
                before = lost;
                lost = await fleet.CountMissingAsync(standby.Settings.ConnectionString);
            }
            while (lost != before);
            await standby.PromoteAsync();
            await fleet.WaitForResponsesAsync(1000);
        });
        await fleet.RefreshAsync(http);

        Assert.Equal(0, await fleet.CountMissingAsync(standby.Settings.ConnectionString));
        Assert.Equal(0L, await standby.ReadAsync("SELECT count(*) FROM sessions WHERE end_reason <> 1"));
        foreach (var session in fleet.Devices.SelectMany(device => device.LoggedOut))
        {
            await (await cluster[1].Http.PresentAsync(session.RefreshToken)).ShouldBeLoggedOutAsync();
        }

        Assert.Empty(cluster.Log.OfEvent(ServerEvent.RefreshTokenReused));
        var recoveries = cluster.Log.OfEvent(ServerEvent.GenerationRecovered);
        var recovered = recoveries.Sum(line =>
            int.Parse(RecoveredGenerations().Match(line).Groups[1].Value, CultureInfo.InvariantCulture));
        report.WriteLine(
            $"{fleet.Devices.Sum(device => device.LoggedOut.Count)} logouts kept; {lost} generations lost, "
            + $"{recovered} recovered in {recoveries.Count} sessions of {Clients}; "
            + $"{fleet.Devices.Sum(device => device.Rotations)} rotations; retries: {string.Join(", ", handler.Retries)}.");
        return (lost, recovered);
    }

    private static async Task WaitForReplicationAsync(PostgresProcess primary, PostgresProcess standby)
    {
        var at = await primary.ReadAsync("SELECT pg_current_wal_lsn()::text");
        while (await standby.ReadAsync($"SELECT pg_last_wal_replay_lsn() >= '{at}'::pg_lsn") is not true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }
}
