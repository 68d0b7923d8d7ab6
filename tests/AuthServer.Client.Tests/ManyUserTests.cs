using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using AuthServer.Client.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Client.Tests;

/// <summary>Sessions of many users in one process.</summary>
public sealed class ManyUserTests
{
    private static readonly Guid SessionOfBob = new("22222222-2222-2222-2222-222222222222");
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Concurrent_requests_are_sent_as_their_users_with_one_refresh_each()
    {
        await using var server = await RealServer.StartAsync();
        await using var site = new Site(server.Proxy.Address);
        (string Key, string User)[] users = [("k1", "ada"), ("k2", "bob"), ("k3", "ada")];
        foreach (var (key, user) in users)
        {
            await site.LogInAsync(key, user);
        }

        for (var round = 1; round <= 5; round++)
        {
            server.App.Clock.Advance(Lifetime);
            site.Clock.Advance(Lifetime);
            var requests = Enumerable.Range(0, 60).Select(async n =>
            {
                var (key, user) = users[n % users.Length];
                using var answer = await site.GetMeAsync(key);
                var me = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<CurrentUser>(Ct);
                Assert.Equal(user, me!.Username);
                return (key, me.SessionId);
            });
            var sessions = (await Task.WhenAll(requests)).Distinct();
            Assert.Equal(users.Length, sessions.Count());
            Assert.Equal(users.Length * round, server.Proxy.Refreshes.Count());
        }
    }

    [Fact]
    public async Task User_does_not_wait_for_refresh_of_another()
    {
        using var server = NewServer();
        await using var site = await LogInBothAsync(server);
        site.Clock.Advance(Lifetime);
        var (begun, answer) = (new TaskCompletionSource(), new TaskCompletionSource<HttpResponseMessage>());
        server.OnRefresh = (n, _) =>
        {
            begun.TrySetResult();
            return n == 1 ? answer.Task : PairOfBob(101);
        };
        var waiting = site.GetTokenAsync("ada");
        await begun.Task;
        Assert.Equal("a101", await site.GetTokenAsync("bob"));
        Assert.False(waiting.IsCompleted);
        answer.SetResult(StubServer.Pair(1));
        Assert.Equal("a1", await waiting);
        Assert.Equal(2, server.Refreshes.Count());
    }

    [Fact]
    public async Task Logout_and_end_of_session_concern_their_user_alone()
    {
        using var server = NewServer();
        await using var site = await LogInBothAsync(server);
        await site.Clients.For("ada").LogoutAsync(Ct);
        Assert.Null(await site.GetTokenAsync("ada"));
        Assert.Equal("a100", await site.GetTokenAsync("bob"));

        List<string> ended = [];
        var (ada, bob) = (site.Clients.For("ada"), site.Clients.For("bob"));
        ada.SessionEnded += (_, _) => ended.Add("ada");
        bob.SessionEnded += (_, _) => ended.Add("bob");
        await site.LogInAsync("ada", "ada");
        server.OnCall = call => Task.FromResult(
            call.Authorization == "Bearer a100" ? StubServer.Problem(401, "session_ended", "revoked") : StubServer.Ok());
        await site.GetMeAsync("bob");
        Assert.Equal(["bob"], ended);
        Assert.False(await bob.IsLoggedInAsync(Ct));
        Assert.True(await ada.IsLoggedInAsync(Ct));
    }

    [Fact]
    public async Task Request_without_user_is_sent_without_token()
    {
        using var server = NewServer();
        await using var site = await LogInBothAsync(server);
        await site.GetMeAsync("ada");
        await site.GetMeAsync(null);
        await site.GetMeAsync("unknown");
        Assert.Equal(["Bearer a0", null, null], server.Calls.Select(call => call.Authorization));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unused_client_is_evicted_and_its_session_goes_on(bool inMemory)
    {
        using var server = NewServer();
        var store = new MemoryTokenStore();
        await using var site = new Site(StubServer.Address, server, inMemory ? null : key => key == "ada" ? store : new());
        await site.LogInAsync("ada", "ada");
        var client = ReferenceTo(site, "ada");
        site.EvictUnused();
        Assert.False(client.TryGetTarget(out _));
        Assert.True(await site.Clients.For("ada").IsLoggedInAsync(Ct));
        Assert.Equal("a1", await site.GetTokenAsync("ada"));
        Assert.Equal(["r0"], server.Presented);
    }

    [Fact]
    public async Task Client_that_is_used_within_five_minutes_is_held()
    {
        using var server = NewServer();
        await using var site = await LogInBothAsync(server);
        var client = ReferenceTo(site, "ada");
        site.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        _ = ReferenceTo(site, "ada");
        site.Clock.Advance(TimeSpan.FromTicks(1));
        _ = ReferenceTo(site, "bob");
        GC.Collect();
        Assert.True(client.TryGetTarget(out _));
    }

    [Fact]
    public async Task Client_that_program_holds_has_no_second_one_beside_it()
    {
        using var server = NewServer();
        await using var site = await LogInBothAsync(server);
        var client = site.Clients.For("ada");
        site.EvictUnused();
        site.EvictUnused();
        Assert.Same(client, site.Clients.For("ada"));
    }

    [Fact]
    public async Task Concurrent_first_calls_for_key_get_same_client()
    {
        // Two stores are opened before either call returns.
        using var both = new Barrier(2);
        await using var site = new Site(StubServer.Address, openStore: _ =>
        {
            both.SignalAndWait(Ct);
            return new MemoryTokenStore();
        });
        var calls = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () => site.Clients.For("ada"), Ct, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        var clients = await Task.WhenAll(calls);
        Assert.Same(clients[0], clients[1]);
    }

    [Fact]
    public async Task Answers_under_way_are_stored_before_process_ends()
    {
        using var server = NewServer();
        var stores = new Dictionary<string, MemoryTokenStore> { ["ada"] = new(), ["bob"] = new() };
        await using var site = new Site(StubServer.Address, server, key => stores[key]);
        await site.LogInAsync("ada", "ada");
        await site.LogInAsync("bob", "bob");
        site.Clock.Advance(Lifetime);
        var begun = new SemaphoreSlim(0);
        var answer = new TaskCompletionSource();
        server.OnRefresh = async (_, _) =>
        {
            var isAda = server.Presented.Last() == "r0";
            begun.Release();
            await answer.Task;
            return isAda ? StubServer.Pair(1) : await PairOfBob(101);
        };
        var ofAda = site.GetTokenAsync("ada");
        await begun.WaitAsync(Ct);
        var ofBob = site.GetTokenAsync("bob");
        await begun.WaitAsync(Ct);
        var end = site.DisposeAsync().AsTask();
        Assert.False(end.IsCompleted);
        answer.SetResult();
        await end;
        Assert.Equal(("a1", "a101"), (await ofAda, await ofBob));
        Assert.Equal("r1", (await stores["ada"].ReadAsync(Ct))!.RefreshToken);
        Assert.Equal("r101", (await stores["bob"].ReadAsync(Ct))!.RefreshToken);
        Assert.Throws<ObjectDisposedException>(() => site.Clients.For("ada"));
    }

    [Fact]
    public async Task Session_of_all_users_together_cannot_be_resolved()
    {
        await using var site = new Site(StubServer.Address);
        Assert.Null(site.Services.GetService<AuthServerClient>());
        Assert.Null(site.Services.GetService<AuthServerHandler>());
    }

    [Fact]
    public async Task Http_client_of_many_users_has_no_cookies()
    {
        await using var site = new Site(StubServer.Address);
        var handler = site.Services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("api");
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            handler = inner;
        }

        Assert.False(Assert.IsType<SocketsHttpHandler>(handler).UseCookies);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Missing_key_is_refused(string? key)
    {
        await using var site = new Site(StubServer.Address);
        Assert.ThrowsAny<ArgumentException>(() => site.Clients.For(key!));
    }

    // A login of bob gets the tokens of number 100, any other those of number 0.
    private static StubServer NewServer() => new()
    {
        OnLogin = call => call.Body.Contains("bob", StringComparison.Ordinal)
            ? PairOfBob(100)
            : Task.FromResult(StubServer.Pair(0)),
    };

    private static Task<HttpResponseMessage> PairOfBob(int n) => Task.FromResult(StubServer.Pair(n, SessionOfBob));

    private static async Task<Site> LogInBothAsync(StubServer server)
    {
        var site = new Site(StubServer.Address, server);
        await site.LogInAsync("ada", "ada");
        await site.LogInAsync("bob", "bob");
        return site;
    }

    // A local variable of the test would keep the client.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<AuthServerClient> ReferenceTo(Site site, string key) => new(site.Clients.For(key));
}
