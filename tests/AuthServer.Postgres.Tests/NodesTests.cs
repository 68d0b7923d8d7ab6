using System.Net;
using AuthServer.Storage;
using AuthServer.Storage.Postgres;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests;

/// <summary>Several nodes on one database.</summary>
public sealed class NodesTests
{
    // Of tests whose failure is that something never comes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Session_ended_on_one_node_is_refused_by_all()
    {
        await using var nodes = new Nodes(3);
        var ada = await nodes[0].SignInAsync("ada");
        foreach (var node in nodes.All)
        {
            (await On(node, ada).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        }

        await ada.LogoutAsync();
        foreach (var node in nodes.All)
        {
            await WaitForEndAsync(On(node, ada), "logout");
        }
    }

    [Fact]
    public async Task Sessions_that_do_not_fit_into_a_notification_are_read()
    {
        await using var nodes = new Nodes(2);
        var all = new List<SignedIn>();
        for (var device = 0; device <= EndNotice.MostEnds; device++)
        {
            all.Add(await nodes[0].SignInAsync("ada"));
        }

        (await On(nodes[1], all[0]).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await all[^1].SendAsync(HttpMethod.Post, "/logout/all");
        foreach (var session in all)
        {
            await WaitForEndAsync(On(nodes[1], session), "logout_all");
        }
    }

    [Fact]
    public async Task What_ended_while_a_node_did_not_listen_is_read_once_it_does_again()
    {
        await using var nodes = new Nodes(2);
        var ada = await nodes[0].SignInAsync("ada");
        (await On(nodes[1], ada).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);

        // All listeners of this database, each cut off; the logout is answered whether or not they are back.
        await nodes[0].InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query LIKE '%clock_timestamp%')
            """,
            Ct));
        await ada.LogoutAsync();
        await WaitForEndAsync(On(nodes[1], ada), "logout");
        await WaitAsync(async () => (await nodes[1].CreateClient().GetAsync("/health/ready", Ct)).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task One_token_refreshed_on_all_nodes_at_once_is_rotated_once()
    {
        await using var nodes = new Nodes(3);
        var ada = await nodes[0].SignInAsync("ada");
        var (clients, token) = (nodes.All.Select(node => On(node, ada)).ToList(), ada.Pair.RefreshToken);
        for (uint round = 1; round <= 50; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(n => clients[n % clients.Count].PresentAsync(token)));
            var successors = new HashSet<string>();
            foreach (var answer in answers)
            {
                successors.Add((await answer.ShouldBePairAsync()).RefreshToken);
            }

            token = Assert.Single(successors);
            var row = await nodes[0].RowOfAsync(ada);
            Assert.Equal((round, null), (row.Generation, row.EndReason));
        }
    }

    [Fact]
    public async Task Refresh_that_races_a_logout_on_another_node_leaves_no_usable_token()
    {
        await using var nodes = new Nodes(2);
        for (var round = 0; round < 100; round++)
        {
            var ada = await nodes[0].SignInAsync("ada");
            var refresh = On(nodes[1], ada).PresentAsync(ada.Pair.RefreshToken);
            var logout = ada.LogoutAsync();
            await Task.WhenAll(refresh, logout);
            var answer = await refresh;
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                var pair = await answer.ShouldBePairAsync();
                await (await ada.PresentAsync(pair.RefreshToken)).ShouldBeEndedAsync("logout");
                await WaitForEndAsync(new SignedIn(nodes[1].CreateClient(), pair), "logout");
            }
            else
            {
                await answer.ShouldBeEndedAsync("logout");
            }
        }
    }

    [Fact]
    public async Task Single_device_stays_single_whatever_node_logs_in()
    {
        await using var nodes = new Nodes(2, ("Sessions:MaxPerUser", "1"));
        await nodes[0].SignInAsync("ada");
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(n => nodes[n % 2].SignInAsync("ada")));
            Assert.Equal(1, await nodes[0].InDatabaseAsync(db => db.Sessions.CountAsync(s => s.EndedAt == null, Ct)));
        }
    }

    [Fact]
    public async Task Name_is_given_once_whatever_node_is_asked()
    {
        await using var nodes = new Nodes(2);
        for (var round = 0; round < 20; round++)
        {
            var username = $"user{round}";
            var answers = await Task.WhenAll(nodes.All.Select(node =>
                node.CreateClient().PostAsync("/register", new { username, password = AuthServerApp.Password })));
            Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], answers.Select(answer => answer.StatusCode).Order());
        }
    }

    [Fact]
    public async Task Batches_and_ends_of_the_same_sessions_on_several_nodes_never_fail()
    {
        await using var nodes = new Nodes(3);
        for (var round = 0; round < 10; round++)
        {
            var sessions = new List<SignedIn>();
            for (var device = 0; device < 12; device++)
            {
                sessions.Add(await nodes[0].SignInAsync("ada"));
            }

            var refreshes = Enumerable.Range(0, 60).Select(n => On(nodes[n % 3], sessions[n * 7 % 12]).PresentAsync(sessions[n * 7 % 12].Pair.RefreshToken)).ToList();
            var end = On(nodes[1], sessions[0]).SendAsync(HttpMethod.Post, "/logout/all");
            foreach (var answer in await Task.WhenAll(refreshes))
            {
                Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Unauthorized });
            }

            (await end).ShouldBe(HttpStatusCode.NoContent);
            Assert.Equal(0, await nodes[0].InDatabaseAsync(db => db.Sessions.CountAsync(s => s.EndedAt == null, Ct)));
        }
    }

    [Fact]
    public async Task Failed_logins_of_one_minute_are_counted_together()
    {
        await using var nodes = new Nodes(2);
        await nodes[0].SignInAsync("ada");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n =>
            nodes[n % 2].CreateClient().PostAsync("/login", new { username = "ada", password = "a wrong one" })));
        await WaitAsync(async () => await nodes[0].InDatabaseAsync(db =>
            db.Events.Where(e => e.Kind == EventKind.LoginFailed).SumAsync(e => e.Count, Ct)) == 20);
        Assert.Equal(1, await nodes[0].InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.LoginFailed, Ct)));
    }

    [Fact]
    public async Task Node_with_another_key_under_a_known_number_does_not_start()
    {
        await using var nodes = new Nodes(1);
        _ = nodes[0].Services;
        using var keys = new TempFolder();
        await using var stranger = new AuthServerApp(("Data:Directory", nodes.DataDirectory), ("Keys:Directory", keys.Path));
        var refusal = Assert.Throws<StartupException>(() => stranger.Services);
        Assert.Contains("access key 1 is not the one that the other nodes", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_of_a_new_number_is_welcome()
    {
        await using var nodes = new Nodes(1);
        _ = nodes[0].Services;
        var key = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(Path.Combine(nodes.DataDirectory, "keys", "access-2.key"), key, Ct);
        var second = nodes.Add(configure: null);
        (await (await second.SignInAsync("ada")).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(0.9, false, HttpStatusCode.OK)]
    [InlineData(-2, true, HttpStatusCode.OK)]
    [InlineData(6, true, HttpStatusCode.ServiceUnavailable)]
    public async Task Clock_that_differs_is_told_and_if_it_is_far_off_the_node_is_not_ready(double seconds, bool isTold, HttpStatusCode ready)
    {
        await using var nodes = new Nodes(0);
        var node = nodes.Add(services => services.AddSingleton<MachineClock>(new WrongClock(TimeSpan.FromSeconds(seconds))));
        (await node.CreateClient().GetAsync("/health/ready", Ct)).ShouldBe(ready);
        (await node.CreateClient().GetAsync("/health/live", Ct)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(isTold, node.Log.Lines.Any(line => line.Event == "ClocksDiffer"));
    }

    private static SignedIn On(AuthServerApp node, SignedIn session) => new(node.CreateClient(), session.Pair);

    private static Task WaitForEndAsync(SignedIn session, string reason) => WaitAsync(async () =>
    {
        var answer = await session.GetAsync("/me");
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            return false;
        }

        await answer.ShouldBeEndedAsync(reason);
        return true;
    });

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        end.CancelAfter(Patience);
        while (!await condition())
        {
            end.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class WrongClock(TimeSpan ahead) : MachineClock
    {
        public override DateTimeOffset Now => base.Now + ahead;
    }
}
