using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Npgsql;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>Nodes that come to a database, and verbs beside them.</summary>
public sealed class NodeStartTests
{
    [Fact]
    public async Task Nodes_that_start_at_once_on_an_empty_database_wait_for_the_one_that_migrates()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = new Cluster(postgres.Settings.ConnectionString, 3);
        Assert.Equal(0, (await cluster.RunAsync("", "keys", "list")).Code);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.StartAsync));
        Assert.Single(cluster.Log.OfEvent(ServerEvent.Migrated));

        await cluster[0].Http.RegisterAsync("ada");
        var pair = await cluster[1].Http.LogInAsync("ada");
        await (await cluster[2].Http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Command_ends_sessions_on_every_node()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = await Cluster.StartAsync(postgres.Settings.ConnectionString, 2);
        await cluster[0].Http.RegisterAsync("ada");
        var pair = await cluster[0].Http.LogInAsync("ada");
        Assert.Equal(["1 ended."], (await cluster.RunAsync("", "sessions", "end", "--all")).Output);
        foreach (var node in cluster.Nodes)
        {
            while (await node.Http.GetMeAsync(pair.AccessToken) is { StatusCode: HttpStatusCode.OK } answer)
            {
                answer.Dispose();
            }

            await (await node.Http.PresentAsync(pair.RefreshToken)).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
        }
    }

    [Fact]
    public async Task Node_that_starts_before_its_database_waits_for_it()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await postgres.StopAsync();
        var settings = $"Host=127.0.0.1:{LoopbackPort.Free()},127.0.0.1:{postgres.Settings.Port};Target Session Attributes=primary;Username=postgres";
        await using var cluster = new Cluster(settings, 1);
        var start = cluster.StartAsync(0);
        await postgres.StartAsync();
        await start;
    }

    [Fact]
    public async Task Database_that_is_none_stops_the_start_at_once()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        using var data = new DataFolder();
        var settings = new NpgsqlConnectionStringBuilder(postgres.Settings.ConnectionString) { Database = "nowhere", Password = "secret" };
        var exit = await ServerProcess.RunAsync(data, "Storage:Provider=postgres", "ConnectionStrings:AuthServer=" + settings.ConnectionString);
        var sentence = exit.ShouldBeRefusal("nowhere on 127.0.0.1");
        Assert.DoesNotContain("secret", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("authserver.db")]
    [InlineData("Data Source=authserver.db")]
    [InlineData("Host=localhost;Password=secret;Port=many")]
    public async Task Connection_string_that_is_none_stops_the_start(string connectionString)
    {
        using var data = new DataFolder();
        var exit = await ServerProcess.RunAsync(data, "Storage:Provider=postgres", "ConnectionStrings:AuthServer=" + connectionString);
        var sentence = exit.ShouldBeRefusal("ConnectionStrings:AuthServer");
        Assert.DoesNotContain("secret", sentence, StringComparison.Ordinal);
    }
}
