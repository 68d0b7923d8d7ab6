using System.Net;
using System.Security.Cryptography;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Storage.Postgres;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests;

/// <summary>Several nodes on one database.</summary>
public sealed class NodesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Session_that_ends_on_one_node_is_refused_by_all()
    {
        await using var nodes = new Nodes(3);
        var ada = await nodes[0].LogInAsync("ada");
        foreach (var node in nodes.All)
        {
            (await ada.On(node).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        }

        await ada.LogoutAsync();
        foreach (var node in nodes.All)
        {
            await ada.On(node).WaitForEndAsync("logout");
        }
    }

    [Fact]
    public async Task Ends_that_do_not_fit_into_one_notification_are_read()
    {
        await using var nodes = new Nodes(2, ("Sessions:MaxPerUser", "0"));
        var all = new List<LoggedInDevice>();
        for (var device = 0; device <= EndNotice.MostEnds; device++)
        {
            all.Add(await nodes[0].LogInAsync("ada"));
        }

        (await all[0].On(nodes[1]).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        var (queue, client) = (nodes[0].Get<SessionCommandQueue>(), new ClientInfo(null, null));
        var ended = await nodes[0].InOneBatchAsync(
            () => all.ConvertAll(session => queue.EndAsync(session.SessionId, EndReason.Revoked, userId: null, client)));
        Assert.DoesNotContain(false, await Task.WhenAll(ended));
        foreach (var session in all)
        {
            await session.On(nodes[1]).WaitForEndAsync("revoked");
        }
    }

    [Fact]
    public async Task Token_presented_to_all_nodes_concurrently_is_rotated_once()
    {
        await using var nodes = new Nodes(3);
        var ada = await nodes[0].LogInAsync("ada");
        var (clients, token) = (nodes.All.Select(node => ada.On(node)).ToList(), ada.Pair.RefreshToken);
        for (uint round = 1; round <= 200; round++)
        {
            var requests = Enumerable.Range(0, 64).Select(n => clients[n % clients.Count].PresentAsync(token));
            var answers = await Task.WhenAll(requests);
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
    public async Task Rotation_that_another_node_preceded_is_lost_and_not_written()
    {
        await using var nodes = new Nodes(2);
        var ada = await nodes[0].LogInAsync("ada");
        var remote = ada.On(nodes[1]);
        var result = await nodes[0].Get<TransactionRunner>().RunAsync(
            async (transaction, ct) =>
            {
                var loaded = (await transaction.LoadAsync([ada.SessionId], ct))[ada.SessionId];
                await remote.RefreshAsync();
                await remote.RefreshAsync();
                var rotation = new Rotate(1, 0, transaction.Now, Recovered: false);
                transaction.Apply(loaded, rotation, 0, new SessionPolicy(), new ClientInfo(null, null));
            },
            isBatch: true,
            Ct);
        Assert.Equal([ada.SessionId], result.Lost);
        Assert.Equal(2u, (await nodes[0].RowOfAsync(ada)).Generation);
        await remote.RefreshAsync();
    }

    [Fact]
    public async Task Refresh_concurrent_with_logout_on_other_node_leaves_nothing_usable()
    {
        await using var nodes = new Nodes(2);
        for (var round = 0; round < 500; round++)
        {
            var ada = await nodes[0].LogInAsync("ada");
            var refresh = ada.On(nodes[1]).PresentAsync(ada.Pair.RefreshToken);
            var logout = ada.LogoutAsync();
            await Task.WhenAll(refresh, logout);
            var answer = await refresh;
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                var pair = await answer.ShouldBePairAsync();
                await (await ada.PresentAsync(pair.RefreshToken)).ShouldBeEndedAsync("logout");
                await new LoggedInDevice(nodes[1].CreateClient(), pair).WaitForEndAsync("logout");
            }
            else
            {
                await answer.ShouldBeEndedAsync("logout");
            }
        }
    }

    [Fact]
    public async Task Logins_on_several_nodes_keep_within_one_device()
    {
        await using var nodes = new Nodes(2, ("Sessions:MaxPerUser", "1"));
        await nodes[0].LogInAsync("ada");
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(n => nodes[n % 2].LogInAsync("ada")));
            Assert.Equal(1, await nodes[0].InDatabaseAsync(db => db.Sessions.CountAsync(s => s.EndedAt == null, Ct)));
        }
    }

    [Fact]
    public async Task Registrations_of_one_name_on_several_nodes_make_one_account()
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
    public async Task Batches_and_ends_of_same_sessions_on_several_nodes_never_fail()
    {
        await using var nodes = new Nodes(3);
        for (var round = 0; round < 10; round++)
        {
            var sessions = new List<LoggedInDevice>();
            for (var device = 0; device < 12; device++)
            {
                sessions.Add(await nodes[0].LogInAsync("ada"));
            }

            var refreshes = Enumerable.Range(0, 60)
                .Select(n => (Session: sessions[n * 7 % 12], Node: nodes[n % 3]))
                .Select(one => one.Session.On(one.Node).PresentAsync(one.Session.Pair.RefreshToken))
                .ToList();
            var end = sessions[0].On(nodes[1]).SendAsync(HttpMethod.Post, "/logout/all");
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
        await nodes[0].LogInAsync("ada");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n =>
            nodes[n % 2].CreateClient().PostAsync("/login", new { username = "ada", password = "a wrong one" })));
        await Eventually.BecomesAsync(async () => await nodes[0].InDatabaseAsync(db =>
            db.Events.Where(e => e.Kind == EventKind.LoginFailed).SumAsync(e => e.Count, Ct)) == 20);
        Assert.Equal(1, await nodes[0].InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.LoginFailed, Ct)));
    }

    [Fact]
    public async Task Refusals_of_one_network_and_minute_on_two_nodes_are_one_row()
    {
        await using var nodes = new Nodes(2);
        for (var request = 0; request < 40; request++)
        {
            var one = new SecurityEvent(EventKind.RateLimited, new ClientInfo($"203.0.113.{request}", "a bot"));
            nodes[request % 2].Get<EventCounter>().Count(one);
        }

        await nodes[0].CountEventsAsync();
        var row = Assert.Single(await nodes[1].CountedAsync());
        Assert.Equal((EventKind.RateLimited, "203.0.113.0/24", 40, null), (row.Kind, row.Network, row.Count, row.UserId));
    }

    [Fact]
    public async Task Counts_of_many_users_and_networks_on_several_nodes_never_deadlock()
    {
        await using var nodes = new Nodes(2);
        var users = new List<Guid>();
        for (var user = 0; user < 20; user++)
        {
            var session = await nodes[0].LogInAsync($"user{user}");
            users.Add(session.Claims.GetProperty("sub").GetGuid());
        }

        var minute = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        const int Rounds = 400;
        var options = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct };
        await Parallel.ForEachAsync(Enumerable.Range(0, Rounds), options, async (round, _) =>
            await nodes[round % 2].Get<TransactionRunner>().RunAsync(
                (transaction, _) =>
                {
                    foreach (var user in round % 2 == 0 ? users : Enumerable.Reverse(users))
                    {
                        transaction.Count(new EventRow { Kind = EventKind.LoginFailed, At = minute, UserId = user });
                        transaction.Count(new EventRow { Kind = EventKind.RateLimited, At = minute, Network = $"{user}" });
                    }

                    return Task.CompletedTask;
                },
                isBatch: false,
                Ct));
        var counted = await nodes[0].InDatabaseAsync(db => db.Events
            .Where(e => e.Network != null || e.Kind == EventKind.LoginFailed).SumAsync(e => e.Count, Ct));
        Assert.Equal(2 * Rounds * users.Count, counted);
    }

    [Fact]
    public async Task Node_with_different_key_under_known_number_does_not_start()
    {
        await using var nodes = new Nodes(1);
        _ = nodes[0].Services;
        using var keys = new TempFolder();
        var refusal = FailedStart.Of(
            () => new AuthServerApp(("Data:Directory", nodes.DataDirectory), ("Keys:Directory", keys.Path)));
        Assert.Contains("The root key 1 is missing", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rollout_of_new_keys_node_by_node_keeps_all_sessions()
    {
        await using var nodes = new Nodes(1);
        var ada = await nodes[0].LogInAsync("ada");
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(Path.Combine(nodes.DataDirectory, "keys", "root-2.key"), key, Ct);

        // The first node has the old keys alone, the second also reads tokens of new ones, the third also makes them.
        nodes.Add(configure: null, ("Keys:Highest", "1"));
        nodes.Add(configure: null);
        var (first, second, third) = (ada, ada.On(nodes[1]), ada.On(nodes[2]));
        await second.RefreshAsync();
        first = new LoggedInDevice(nodes[0].CreateClient(), second.Pair);
        (await first.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await first.RefreshAsync();

        third = new LoggedInDevice(nodes[2].CreateClient(), first.Pair);
        await third.RefreshAsync();
        second = new LoggedInDevice(nodes[1].CreateClient(), third.Pair);
        (await second.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await second.RefreshAsync();
        var refused = await third.On(nodes[0]).PresentAsync(third.Pair.RefreshToken);
        await refused.ShouldBeProblemAsync(401, "refresh_token_invalid");
    }

    [Theory]
    [InlineData(0.9, false, HttpStatusCode.OK)]
    [InlineData(-2, true, HttpStatusCode.OK)]
    [InlineData(6, true, HttpStatusCode.ServiceUnavailable)]
    public async Task Clock_that_differs_is_logged_and_node_far_off_is_not_ready(
        double seconds, bool isLogged, HttpStatusCode ready)
    {
        await using var nodes = new Nodes(0);
        var node = nodes.Add(services => services.AddSingleton<MachineClock>(new WrongClock(TimeSpan.FromSeconds(seconds))));
        (await node.CreateClient().GetAsync("/health/ready", Ct)).ShouldBe(ready);
        (await node.CreateClient().GetAsync("/health/traffic", Ct)).ShouldBe(ready);
        (await node.CreateClient().GetAsync("/health/live", Ct)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(isLogged, node.Log.Lines.Any(line => line.Event == "ClocksDiffer"));
    }

    private sealed class WrongClock(TimeSpan ahead) : MachineClock
    {
        public override DateTimeOffset Now => base.Now + ahead;
    }
}
