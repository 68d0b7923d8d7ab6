using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Npgsql;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>The start of nodes on PostgreSQL, and verbs of the command line beside running nodes.</summary>
public sealed class NodeStartTests
{
    [Fact]
    public async Task Only_one_of_several_starting_nodes_migrates_database()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = new Cluster(postgres.Settings.ConnectionString, 3);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.StartAsync));
        Assert.Single(cluster.Log.OfEvent(ServerEvent.Migrated));

        await cluster[0].Http.RegisterAsync("ada");
        var pair = await cluster[1].Http.LogInAsync("ada");
        await (await cluster[2].Http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Command_ends_sessions_on_all_nodes()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await using var cluster = await Cluster.StartAsync(postgres.Settings.ConnectionString, 2);
        await cluster[0].Http.RegisterAsync("ada");
        var pair = await cluster[0].Http.LogInAsync("ada");
        Assert.Equal(["1 ended."], (await cluster.RunAsync("", "sessions", "end", "--all")).Output);
        foreach (var node in cluster.Nodes)
        {
            while (await node.Http.GetMeAsync(pair.AccessToken) is { StatusCode: HttpStatusCode.OK } response)
            {
                response.Dispose();
            }

            var refused = await node.Http.PresentAsync(pair.RefreshToken);
            await refused.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
        }
    }

    [Fact]
    public async Task Node_started_before_its_database_waits_for_it()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        await postgres.StopAsync();
        var connectionString = $"Host=127.0.0.1:{LoopbackPort.Free()},127.0.0.1:{postgres.Settings.Port};"
            + "Target Session Attributes=primary;Username=postgres";
        await using var cluster = new Cluster(connectionString, 1);
        var start = cluster.StartAsync(0);
        await postgres.StartAsync();
        await start;
    }

    [Fact]
    public async Task Unknown_database_prevents_start()
    {
        using var postgres = await Cluster.StartDatabaseAsync();
        using var data = new DataFolder();
        var settings = new NpgsqlConnectionStringBuilder(postgres.Settings.ConnectionString)
        {
            Database = "nowhere",
            Password = "secret",
        };
        var exit = await ServerProcess.RunAsync(
            data, "Storage:Provider=postgres", "ConnectionStrings:AuthServer=" + settings.ConnectionString);
        var sentence = exit.ShouldBeRefusal("nowhere on 127.0.0.1");
        Assert.DoesNotContain("secret", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("authserver.db")]
    [InlineData("Data Source=authserver.db")]
    [InlineData("Host=localhost;Password=secret;Port=many")]
    public async Task Invalid_connection_string_prevents_start(string connectionString)
    {
        using var data = new DataFolder();
        var exit = await ServerProcess.RunAsync(
            data, "Storage:Provider=postgres", "ConnectionStrings:AuthServer=" + connectionString);
        var sentence = exit.ShouldBeRefusal("ConnectionStrings:AuthServer");
        Assert.DoesNotContain("secret", sentence, StringComparison.Ordinal);
    }
}
