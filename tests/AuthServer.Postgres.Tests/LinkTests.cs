using System.Net;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Tests;

/// <summary>A node whose way to the database is cut, or goes dead.</summary>
public sealed class LinkTests : IAsyncLifetime
{
    private readonly Nodes nodes = new(1);
    private Relay? relay;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Relay Way => relay!;

    /// <summary>The node behind the way that can be cut.</summary>
    private AuthServerApp Far => nodes[1];

    public async ValueTask InitializeAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(
            await (await PostgresServer.GetAsync()).ConnectionStringOfAsync(TestDatabase.NameOf(nodes.DataDirectory)));
        relay = new Relay(settings.Port);
        settings.Port = relay.Port;
        _ = nodes[0].Services;
        nodes.Add(configure: null, ("ConnectionStrings:AuthServer", settings.ConnectionString));
        await Far.BecomesReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await nodes.DisposeAsync();
        if (relay is not null)
        {
            await relay.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_that_ended_while_the_way_was_cut_is_missed(bool hangs)
    {
        var sessions = new List<SignedIn>();
        for (var device = 0; device < 20; device++)
        {
            sessions.Add(await nodes[0].SignInAsync("ada"));
        }

        Break(hangs);
        await Far.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);
        foreach (var session in sessions)
        {
            await session.LogoutAsync();
            (await session.On(Far).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        }

        Way.Mend();
        await Far.BecomesReadyAsync();
        foreach (var session in sessions)
        {
            await (await session.On(Far).GetAsync("/me")).ShouldBeEndedAsync("logout");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_a_database_private_routes_go_on_and_the_rest_is_unavailable(bool hangs)
    {
        var ada = (await nodes[0].SignInAsync("ada")).On(Far);
        Break(hangs);
        for (var round = 0; round < 3; round++)
        {
            (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
            HttpResponseMessage[] answers = await Task.WhenAll(
                ada.PresentAsync(ada.Pair.RefreshToken),
                Far.CreateClient().PostAsync("/login", new { username = "ada", password = AuthServerApp.Password }),
                Far.CreateClient().PostAsync("/logout", new { refreshToken = ada.Pair.RefreshToken }));
            foreach (var answer in answers)
            {
                await answer.ShouldBeProblemAsync(503, "unavailable");
                Assert.NotNull(answer.Headers.RetryAfter);
            }
        }

        Assert.Equal(1, await nodes[0].InDatabaseAsync(db => db.Sessions.CountAsync(s => s.Generation == 0 && s.EndedAt == null, Ct)));
        Way.Mend();
        await Far.BecomesReadyAsync();
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task What_ended_while_the_listener_alone_was_cut_off_is_read()
    {
        var ada = await nodes[0].SignInAsync("ada");
        await nodes[0].InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query LIKE '%clock_timestamp%')
            """,
            Ct));
        await ada.LogoutAsync();
        await ada.On(Far).WaitForEndAsync("logout");
        await Far.BecomesReadyAsync();
    }

    private void Break(bool hangs)
    {
        if (hangs)
        {
            Way.Hang();
        }
        else
        {
            Way.Cut();
        }
    }
}
