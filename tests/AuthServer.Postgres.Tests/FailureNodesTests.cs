using System.Net;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AuthServer.Tests;

/// <summary>Failures that several nodes count, and rows that are locked meanwhile.</summary>
public sealed class FailureNodesTests
{
    private const string Home = "203.0.113.5";
    private const string Away = "192.0.2.77";

    private static readonly string[] Names = ["ada", "bob"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failures_of_account_are_one_count_for_all_nodes()
    {
        await using var nodes = new Nodes(0);
        AuthServerApp[] both = [nodes.Add(s => Guesses.AddTo(s)), nodes.Add(s => Guesses.AddTo(s))];
        var device = await both[0].LogInAtAsync("ada", Home);
        for (var i = 0; i < 100; i++)
        {
            (await both[i % 2].TryAsync("ada", "wrong", Guesses.Anywhere(i))).ShouldBe(HttpStatusCode.Unauthorized);
        }

        foreach (var node in both)
        {
            (await node.TryAsync("ada", AuthServerApp.Password, Away)).ShouldBe(HttpStatusCode.TooManyRequests);
        }

        // An attempt after the delay is one for both.
        both[0].Clock.Advance(TimeSpan.FromSeconds(1));
        both[1].Clock.Advance(TimeSpan.FromSeconds(1));
        (await both[0].TryAsync("ada", "wrong", Away)).ShouldBe(HttpStatusCode.Unauthorized);
        (await both[1].TryAsync("ada", "wrong", Away)).ShouldBe(HttpStatusCode.TooManyRequests);
        await both[1].LogInAtAsync("ada", Away, device);
    }

    [Fact]
    public async Task Nodes_that_count_at_once_lose_no_failure()
    {
        await using var nodes = new Nodes(0);
        AuthServerApp[] both = [nodes.Add(s => Guesses.AddTo(s)), nodes.Add(s => Guesses.AddTo(s))];
        foreach (var node in both)
        {
            (await node.TryAsync("bob", "wrong", Away)).ShouldBe(HttpStatusCode.Unauthorized);
        }

        var answers = await Task.WhenAll(
            both.SelectMany(node => Enumerable.Range(0, 20).Select(_ => node.TryAsync("ada", "wrong", Home))));
        Assert.All(answers, answer => answer.ShouldBe(HttpStatusCode.Unauthorized));
        var now = both[0].Clock.GetUtcNow();
        var counts = await both[0].InDatabaseAsync(db => db.FailureCounts.Select(count => count.EmptyAt).ToListAsync(Ct));

        // Three buckets of bob with 2 failures each, and three of ada with 40.
        Assert.Equal([0.5, 2, 10, 30, 40, 600], counts.Select(emptyAt => (emptyAt - now).TotalMinutes).Order());
    }

    [Fact]
    public async Task Locked_bucket_keeps_no_other_from_being_written()
    {
        await using var app = new AuthServerApp(services =>
        {
            Guesses.AddTo(services);
            services.AddSingleton(StorageTimeouts.OfCommands with { Work = TimeSpan.FromSeconds(2) });
        });
        await app.TryAsync("ada", "wrong", Home);
        var server = await PostgresServer.GetAsync();
        await using var connection = new NpgsqlConnection(
            await server.ConnectionStringOfAsync(TestDatabase.NameOf(app.DataDirectory)) + ";Pooling=false");
        await connection.OpenAsync(Ct);
        await using var locks = await connection.BeginTransactionAsync(Ct);
        await using var command = new NpgsqlCommand("SELECT id FROM failure_counts FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync(Ct);
        using var http = ClientAddresses.Create(app, Away);
        foreach (var username in Names)
        {
            (await http.PostAsync("/login", new { username, password = "wrong" })).ShouldBe(HttpStatusCode.Unauthorized);
        }

        // Two networks and one account more; the locked one waits.
        await Eventually.BecomesAsync(async () => await CountAsync(app) == 6);
        await Eventually.BecomesAsync(() => app.Get<FailureCounter>().Waiting == 1);
        await locks.RollbackAsync(Ct);
        await app.SettleAsync();
        var longest = await app.InDatabaseAsync(db => db.FailureCounts.MaxAsync(count => count.EmptyAt, Ct));
        Assert.Equal(TimeSpan.FromMinutes(30), longest - app.Clock.GetUtcNow());
    }

    private static Task<int> CountAsync(AuthServerApp app) => app.InDatabaseAsync(db => db.FailureCounts.CountAsync(Ct));
}
