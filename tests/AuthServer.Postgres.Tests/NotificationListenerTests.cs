using System.Net;
using AuthServer.Core;
using AuthServer.Storage.Postgres;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AuthServer.Tests;

/// <summary>A node whose connections to the database are cut or go silent.</summary>
public sealed class NotificationListenerTests : IAsyncLifetime
{
    private readonly Nodes nodes = new(1);
    private NetworkProxy? proxy;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private NetworkProxy Proxy => proxy!;

    /// <summary>The node behind the proxy.</summary>
    private AuthServerApp Remote => nodes[1];

    public async ValueTask InitializeAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(
            await (await PostgresServer.GetAsync()).ConnectionStringOfAsync(TestDatabase.NameOf(nodes.DataDirectory)));
        proxy = new NetworkProxy(settings.Port);
        settings.Port = proxy.Port;
        _ = nodes[0].Services;
        nodes.Add(configure: null, ("ConnectionStrings:AuthServer", settings.ConnectionString));
        await Remote.BecomesReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await nodes.DisposeAsync();
        if (proxy is not null)
        {
            await proxy.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Node_learns_of_all_ends_from_while_it_was_disconnected(bool isSilent)
    {
        var sessions = new List<LoggedInDevice>();
        for (var device = 0; device < 20; device++)
        {
            sessions.Add(await nodes[0].LogInAsync("ada"));
        }

        Disconnect(isSilent);
        await Remote.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);

        // The database is away for this node, so nothing is known to be wrong with the node.
        (await Remote.CreateClient().GetAsync("/health/traffic", Ct)).ShouldBe(HttpStatusCode.OK);
        foreach (var session in sessions)
        {
            await session.LogoutAsync();
            (await session.On(Remote).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        }

        Proxy.Restore();
        await Remote.BecomesReadyAsync();
        foreach (var session in sessions)
        {
            // A connection that was only silent has its notifications a moment after it is restored.
            await session.On(Remote).WaitForEndAsync("logout");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Node_without_database_serves_private_routes_and_nothing_else(bool isSilent)
    {
        var ada = (await nodes[0].LogInAsync("ada")).On(Remote);
        Disconnect(isSilent);
        for (var round = 0; round < 3; round++)
        {
            (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
            HttpResponseMessage[] answers = await Task.WhenAll(
                ada.PresentAsync(ada.Pair.RefreshToken),
                Remote.CreateClient().PostAsync("/login", new { username = "ada", password = AuthServerApp.Password }),
                Remote.CreateClient().PostAsync("/logout", new { refreshToken = ada.Pair.RefreshToken }));
            foreach (var answer in answers)
            {
                await answer.ShouldBeProblemAsync(503, "unavailable");
                Assert.NotNull(answer.Headers.RetryAfter);
            }
        }

        var unchanged = await nodes[0].InDatabaseAsync(db =>
            db.Sessions.CountAsync(s => s.Generation == 0 && s.EndedAt == null, Ct));
        Assert.Equal(1, unchanged);
        Proxy.Restore();
        await Remote.BecomesReadyAsync();
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Node_with_wrong_clock_takes_no_traffic_while_database_is_away_either()
    {
        var connection = Remote.Get<Microsoft.Extensions.Configuration.IConfiguration>()["ConnectionStrings:AuthServer"]!;
        var node = nodes.Add(
            services => services.AddSingleton<MachineClock>(new ClockAhead()), ("ConnectionStrings:AuthServer", connection));
        using var http = node.CreateClient();
        (await http.GetAsync("/health/traffic", Ct)).ShouldBe(HttpStatusCode.ServiceUnavailable);
        Proxy.Cut();
        await Remote.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);
        (await http.GetAsync("/health/traffic", Ct)).ShouldBe(HttpStatusCode.ServiceUnavailable);
        Proxy.Restore();
    }

    [Fact]
    public async Task Node_whose_listener_alone_was_disconnected_reads_ends()
    {
        var ada = await nodes[0].LogInAsync("ada");
        await nodes[0].InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND (query LIKE 'LISTEN%' OR query LIKE '%clock_timestamp%')
            """,
            Ct));
        await ada.LogoutAsync();
        await ada.On(Remote).WaitForEndAsync("logout");
        await Remote.BecomesReadyAsync();
    }

    [Fact]
    public async Task Node_whose_listener_fails_unexpectedly_is_not_ready_and_tries_again()
    {
        var faulty = new FaultyListener();
        var node = nodes.Add(services => services.AddSingleton<ISessionEndListener>(faulty));
        await node.BecomesReadyAsync();
        var ada = await nodes[0].LogInAsync("ada");
        faulty.Fails = true;
        await ada.LogoutAsync();
        await node.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);
        (await node.CreateClient().GetAsync("/health/live", Ct)).ShouldBe(HttpStatusCode.OK);
        var before = faulty.Calls;
        await Eventually.BecomesAsync(() => Task.FromResult(faulty.Calls > before));
        faulty.Fails = false;
        await node.BecomesReadyAsync();
        await ada.On(node).WaitForEndAsync("logout");
    }

    private void Disconnect(bool isSilent)
    {
        if (isSilent)
        {
            Proxy.Silence();
        }
        else
        {
            Proxy.Cut();
        }
    }

    private sealed class ClockAhead : MachineClock
    {
        public override DateTimeOffset Now => base.Now + TimeSpan.FromSeconds(8);
    }

    private sealed class FaultyListener : ISessionEndListener
    {
        private volatile bool fails;
        private volatile int calls;

        public bool Fails
        {
            set => fails = value;
        }

        public int Calls => calls;

        public void OnEnded(IReadOnlyList<SessionEnd> ends)
        {
            Interlocked.Increment(ref calls);
            if (fails)
            {
                throw new FormatException("unexpected");
            }
        }
    }
}
