using System.Net;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Tests;

/// <summary>Sessions of cookies on several nodes: any request to any of them.</summary>
public sealed class SessionNodesTests : IAsyncDisposable
{
    private readonly Nodes nodes = new(3);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_tabs_are_known_on_every_node_for_100_lifetimes()
    {
        const int Lifetimes = 100;
        var browser = await SessionBrowser.LogInAsync(nodes[0]);
        for (var lifetime = 0; lifetime < Lifetimes; lifetime++)
        {
            await Task.WhenAll(UseAsync(lifetime), UseAsync(lifetime + 1));
            foreach (var node in nodes.All)
            {
                node.Clock.Advance(TimeSpan.FromSeconds(20));
            }
        }

        async Task UseAsync(int first)
        {
            for (var request = 0; request < 5; request++)
            {
                var me = await browser.At(nodes[(first + request) % 3]).MeAsync();
                Assert.Equal(browser.SessionId, me.GetProperty("sessionId").GetGuid());
            }
        }
    }

    [Fact]
    public async Task Session_that_ends_on_one_node_is_refused_by_all()
    {
        var browser = await SessionBrowser.LogInAsync(nodes[0]);
        var copies = nodes.All.Select(browser.At).ToList();
        foreach (var copy in copies)
        {
            await copy.MeAsync();
        }

        (await browser.PostAsync("/logout")).ShouldBe(HttpStatusCode.NoContent);
        foreach (var copy in copies)
        {
            await RefusedAsync(copy, "session_ended");
        }
    }

    [Fact]
    public async Task New_proof_on_one_node_makes_copies_void_on_all()
    {
        var browser = await SessionBrowser.LogInAsync(nodes[0]);
        var copies = nodes.All.Select(browser.At).ToList();
        foreach (var copy in copies)
        {
            await copy.MeAsync();
        }

        await (await browser.PostAsync("/reauthenticate", new { AuthServerApp.Password })).ShouldBeJsonAsync();
        foreach (var copy in copies)
        {
            await RefusedAsync(copy, "session_invalid");
        }

        // A node reads a handle that is newer than what it has read.
        foreach (var node in nodes.All)
        {
            await browser.At(node).MeAsync();
        }
    }

    [Fact]
    public async Task Node_that_missed_new_proof_reads_session_again()
    {
        var browser = await SessionBrowser.LogInAsync(nodes[0]);
        var copy = browser.At(nodes[1]);
        await copy.MeAsync();

        // Another node has raised the epoch, and its notification was lost with the connection of the listener.
        await nodes[0].InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(
            set => set.SetProperty(session => session.Generation, 1u), Ct));
        await copy.MeAsync();
        var name = TestDatabase.NameOf(nodes.DataDirectory);
        await using var connection = new NpgsqlConnection(await (await PostgresServer.GetAsync()).ConnectionStringOfAsync(name));
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """,
            connection);
        await command.ExecuteNonQueryAsync(Ct);
        await RefusedAsync(copy, "session_invalid");
    }

    [Fact]
    public async Task Uses_and_new_proof_at_once_keep_newest_handle()
    {
        var browser = await SessionBrowser.LogInAsync(nodes[0]);
        for (uint round = 1; round <= 20; round++)
        {
            foreach (var node in nodes.All)
            {
                node.Clock.Advance(TimeSpan.FromMinutes(6));
            }

            var uses = nodes.All.Select(node => browser.At(node).GetAsync("/me")).ToList();
            await (await browser.PostAsync("/reauthenticate", new { AuthServerApp.Password })).ShouldBeJsonAsync();
            await Task.WhenAll(uses);
            foreach (var node in nodes.All)
            {
                await browser.At(node).MeAsync();
            }

            Assert.Equal(round, await nodes[0].InDatabaseAsync(db => db.Sessions.Select(s => s.Generation).SingleAsync(Ct)));
        }
    }

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    private static Task RefusedAsync(SessionBrowser browser, string code) => Eventually.BecomesAsync(async () =>
    {
        var answer = await browser.GetAsync("/me");
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            return false;
        }

        await answer.ShouldBeProblemAsync(401, code);
        return true;
    });
}
