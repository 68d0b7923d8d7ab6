using System.Net;
using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>Logins, logouts and ends of sessions that overlap.</summary>
public sealed class SessionTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(20);
    private static readonly Guid Other = new("22222222-2222-2222-2222-222222222222");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Logout_presents_refresh_token_only_and_forgets_it()
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent)) };
        await using var device = await server.LogInAsync();
        await device.Auth.LogoutAsync(Ct);
        var logout = Assert.Single(server.Calls);
        Assert.Equal(("/logout", "{\"refreshToken\":\"r0\"}", null), (logout.Path, logout.Body, logout.Authorization));
        Assert.Null(await device.GetTokenAsync());
        await device.Auth.LogoutAsync(Ct);
        Assert.Single(server.Calls);
        Assert.Empty(device.Ended);
    }

    [Fact]
    public async Task Logout_without_answer_fails_and_forgets_session()
    {
        using var server = new StubServer { OnCall = _ => throw new HttpRequestException("gone") };
        await using var device = await server.LogInAsync();
        var logout = device.Auth.LogoutAsync(Ct);
        await device.Clock.PassUntilAsync(logout);
        await Assert.ThrowsAsync<HttpRequestException>(() => logout);
        Assert.InRange(server.Calls.Count(), 3, 9);
        Assert.Null(await device.GetTokenAsync());
        Assert.Empty(server.Refreshes);
    }

    [Fact]
    public async Task Refused_logout_is_not_repeated()
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(StubServer.Problem(400, "invalid_request")) };
        await using var device = await server.LogInAsync();
        var refusal = await Assert.ThrowsAsync<AuthServerException>(() => device.Auth.LogoutAsync(Ct));
        Assert.Equal("invalid_request", refusal.Code);
        Assert.Single(server.Calls);
    }

    [Fact]
    public async Task Refresh_answered_after_logout_restores_nothing()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        var (waiting, answer) = await BeginRefreshAsync(server, device);
        await device.Auth.LogoutAsync(Ct);
        answer.SetResult(StubServer.Pair(1));
        Assert.Null(await waiting);
        Assert.Null(await device.GetTokenAsync());
        Assert.False(await device.Auth.IsLoggedInAsync(Ct));
    }

    [Fact]
    public async Task Refusal_answered_after_logout_raises_nothing()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        var (waiting, answer) = await BeginRefreshAsync(server, device);
        await device.Auth.LogoutAsync(Ct);
        answer.SetResult(StubServer.Problem(401, "session_ended", "logout"));
        Assert.Null(await waiting);
        Assert.Empty(device.Ended);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refresh_answered_after_another_login_changes_nothing(bool granted)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        var (waiting, answer) = await BeginRefreshAsync(server, device);
        server.OnLogin = _ => Task.FromResult(StubServer.Pair(50, Other));
        await device.LoginAsync("bob");
        answer.SetResult(granted ? StubServer.Pair(1) : StubServer.Problem(401, "refresh_token_reused"));
        Assert.Equal("a50", await waiting);
        Assert.Equal("a50", await device.GetTokenAsync());
        Assert.Equal(new StoredSession(Other, "r50"), await device.Resolve<ITokenStore>().ReadAsync(Ct));
        Assert.Single(server.Refreshes);
        Assert.Empty(device.Ended);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Request_waiting_during_another_login_is_sent_without_token(bool wasRefused)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        server.OnCall = call => Task.FromResult(call.Authorization == "Bearer a0" ? StubServer.Expired() : StubServer.Ok());
        if (wasRefused)
        {
            using var body = new StreamContent(new OneWayStream());
            using var refusal = await device.Api.PostAsync(new Uri("things", UriKind.Relative), body, Ct);
        }

        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource<HttpResponseMessage>());
        server.OnRefresh = (_, _) =>
        {
            asked.SetResult();
            return answer.Task;
        };
        device.Clock.Advance(wasRefused ? TimeSpan.Zero : Lifetime);
        var request = device.GetAsync("orders");
        await asked.Task;
        server.OnLogin = _ => Task.FromResult(StubServer.Pair(50, Other));
        await device.LoginAsync("bob");
        answer.SetResult(StubServer.Pair(1));
        await request;
        Assert.Null(Assert.Single(server.Calls, call => call.Path == "/orders").Authorization);
        await device.GetAsync("own");
        Assert.Equal("Bearer a50", server.Calls.Last().Authorization);
    }

    [Fact]
    public async Task First_request_of_process_belongs_to_stored_session()
    {
        using var server = new StubServer();
        var store = new MemoryTokenStore();
        await store.TryReplaceAsync(null, new StoredSession(StubServer.Session, "r0"), Ct);
        await using var device = new Device(StubServer.Address, setup => (setup.Primary, setup.Store) = (server, store));
        server.OnLogin = _ => Task.FromResult(StubServer.Pair(50, Other));
        server.OnRefresh = async (n, _) =>
        {
            await device.LoginAsync("bob");
            return StubServer.Pair(n);
        };
        await device.GetAsync();
        Assert.Null(Assert.Single(server.Calls).Authorization);
    }

    [Fact]
    public async Task Logout_everywhere_keeps_session_opened_meanwhile()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        server.OnLogin = _ => Task.FromResult(StubServer.Pair(50, Other));
        server.OnCall = async _ =>
        {
            await device.LoginAsync("bob");
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        };
        await device.Auth.LogoutEverywhereAsync(Ct);
        Assert.Equal("a50", await device.GetTokenAsync());
        Assert.True(await device.Auth.IsLoggedInAsync(Ct));
    }

    [Fact]
    public async Task Token_found_by_waiting_request_is_checked_once()
    {
        using var server = new StubServer();
        var store = new WatchedStore();
        await using var device = await server.LogInAsync(setup => setup.Store = store);
        device.Clock.Advance(Lifetime);
        store.OnRead = async () =>
        {
            store.OnRead = null;
            await device.LoginAsync();

            // Fresh when it is checked, and expired right after.
            device.Clock.OnRead = () =>
            {
                device.Clock.OnRead = null;
                device.Clock.Advance(Lifetime);
            };
        };
        Assert.Equal("a0", await device.GetTokenAsync());
        Assert.Empty(server.Refreshes);
    }

    [Fact]
    public async Task Logout_in_pause_ends_attempts()
    {
        using var server = new StubServer { OnRefresh = (_, _) => Task.FromResult(StubServer.Page(502)) };
        await using var device = await server.LogInAsync();
        device.Clock.Advance(Lifetime);
        var waiting = device.GetTokenAsync();
        var pause = await device.Clock.NextPauseAsync();
        await device.Auth.LogoutAsync(Ct);
        device.Clock.Advance(pause);
        Assert.Null(await waiting);
        Assert.Single(server.Refreshes);
    }

    [Fact]
    public async Task Session_ended_elsewhere_is_raised_once()
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(StubServer.Problem(401, "session_ended", "revoked")) };
        await using var device = await server.LogInAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => device.GetAsync()));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
        Assert.Contains("revoked", await answers[0].Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        var ended = Assert.Single(device.Ended);
        Assert.Equal(("session_ended", "revoked"), (ended.Code, ended.Reason));
        Assert.Null(await device.GetTokenAsync());
        Assert.Empty(server.Refreshes);
    }

    [Fact]
    public async Task Late_refusal_of_former_session_keeps_next_one()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        var (called, answer) = (new TaskCompletionSource(), new TaskCompletionSource<HttpResponseMessage>());
        server.OnCall = _ =>
        {
            called.SetResult();
            return answer.Task;
        };
        var request = device.GetAsync();
        await called.Task;
        server.OnLogin = _ => Task.FromResult(StubServer.Pair(50, Other));
        await device.LoginAsync("bob");
        answer.SetResult(StubServer.Problem(401, "session_ended", "displaced"));
        await request;
        Assert.Empty(device.Ended);
        Assert.Equal("a50", await device.GetTokenAsync());
    }

    [Fact]
    public async Task Request_of_former_session_is_not_repeated_for_next()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        server.OnCall = async _ =>
        {
            server.OnLogin = _ => Task.FromResult(StubServer.Pair(50, Other));
            await device.LoginAsync("bob");
            return StubServer.Expired();
        };
        Assert.Equal(HttpStatusCode.Unauthorized, (await device.GetAsync()).StatusCode);
        Assert.Single(server.Calls);
    }

    private static async Task<(Task<string?> Waiting, TaskCompletionSource<HttpResponseMessage> Answer)> BeginRefreshAsync(
        StubServer server, Device device)
    {
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource<HttpResponseMessage>());
        server.OnRefresh = (_, _) =>
        {
            asked.SetResult();
            return answer.Task;
        };
        device.Clock.Advance(Lifetime);
        var waiting = device.GetTokenAsync();
        await asked.Task;
        return (waiting, answer);
    }

    private sealed class OneWayStream() : MemoryStream("body"u8.ToArray())
    {
        public override bool CanSeek => false;
    }
}
