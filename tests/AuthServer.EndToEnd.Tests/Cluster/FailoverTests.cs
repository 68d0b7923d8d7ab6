using System.Globalization;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>A primary that is killed under load, and its standby that takes over.</summary>
[Collection<Alone>]
public sealed partial class FailoverTests(ITestOutputHelper report)
{
    private const int Clients = 32;

    [Fact]
    public async Task Commits_that_a_failover_loses_cost_nobody_the_session()
    {
        using var primary = await Cluster.StartDatabaseAsync();
        await using var replication = new Relay(primary.Settings.Port);
        using var standby = await primary.StartStandbyAsync(replication.Port);
        var (lost, recovered) = await FailOverAsync(primary, standby, logoutEvery: 0, async fleet =>
        {
            // From here on the standby is behind: what is answered is in one place alone.
            replication.Hang();
            await fleet.AnsweredAsync(2000);
            await primary.KillAsync();
            replication.Cut();
        });
        Assert.True(lost > 0, "Nothing was lost, so nothing was shown.");
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
            await fleet.AnsweredAsync(2000);
            await primary.KillAsync();
        });
        Assert.Equal((0, 0), (lost, recovered));
    }

    [GeneratedRegex("\"Generations\":([0-9]+)")]
    private static partial Regex RecoveredGenerations();

    /// <summary>Two nodes and their devices through a failover.</summary>
    /// <returns>The generations that the new primary lacked, and those that the nodes say they recovered.</returns>
    private async Task<(int Lost, int Recovered)> FailOverAsync(PostgresProcess primary, PostgresProcess standby, int logoutEvery, Func<Fleet, Task> loseAsync)
    {
        var hosts = $"Host=127.0.0.1:{primary.Settings.Port},127.0.0.1:{standby.Settings.Port};Target Session Attributes=primary;"
            + $"Username={primary.Settings.Username};Database={primary.Settings.Database}";
        await using var cluster = await Cluster.StartAsync(hosts, 2, "Sessions:Grace=00:00:30");
        using var patience = new PatientHandler();
        using var http = new HttpClient(patience) { BaseAddress = cluster[0].Http.BaseAddress };
        var fleet = new Fleet(Clients, logoutEvery);
        await fleet.LogInAsync(http);
        await Replicated(primary, standby);

        var lost = 0;
        await fleet.UseDuringAsync(http, async () =>
        {
            await fleet.AnsweredAsync(500);
            await loseAsync(fleet);

            // Nobody is answered now, so this is what the devices hold against what the standby has.
            lost = await fleet.CountMissingAsync(standby.Settings.ConnectionString);
            await standby.PromoteAsync();
            await fleet.AnsweredAsync(1000);
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
            $"{fleet.Devices.Sum(device => device.LoggedOut.Count)} logouts held; {lost} generations lost, {recovered} recovered in {recoveries.Count} sessions of {Clients}; "
            + $"{fleet.Devices.Sum(device => device.Rotations)} rotations; asked again: {string.Join(", ", patience.Refusals)}.");
        return (lost, recovered);
    }

    private static async Task Replicated(PostgresProcess primary, PostgresProcess standby)
    {
        var at = await primary.ReadAsync("SELECT pg_current_wal_lsn()::text");
        while (await standby.ReadAsync($"SELECT pg_last_wal_replay_lsn() >= '{at}'::pg_lsn") is not true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }
}
