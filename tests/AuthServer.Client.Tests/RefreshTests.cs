using System.Net;
using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>Moment and number of refreshes, and the effect of their answers. The moments of retries are in a table.</summary>
public sealed class RefreshTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(17.999, 0)]
    [InlineData(18, 1)]
    public async Task Token_is_refreshed_two_seconds_before_its_end(double seconds, int refreshes)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        device.Clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal($"a{refreshes}", await device.GetTokenAsync());
        Assert.Equal(refreshes, server.Refreshes.Count());
    }

    /// <summary>Seconds that the steady clock and the time of day go on, and true if the token can still be used.</summary>
    [Theory]
    [InlineData(1, 61, false)]
    [InlineData(1, 18, false)]
    [InlineData(1, 3600, false)]
    [InlineData(1, -3600, false)]
    [InlineData(10, 5, false)]
    [InlineData(5, 15, true)]
    [InlineData(17, 16.1, true)]
    public async Task Token_ages_by_clock_that_has_gone_further(double steady, double ofDay, bool isUsed)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        device.Clock.Advance(TimeSpan.FromSeconds(steady));
        device.Clock.Error += TimeSpan.FromSeconds(ofDay - steady);
        Assert.Equal(isUsed ? "a0" : "a1", await device.GetTokenAsync());
    }

    [Fact]
    public async Task Suspend_during_refresh_counts_for_its_token()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        device.Clock.Advance(Lifetime);
        server.OnRefresh = (n, _) =>
        {
            device.Clock.Error += n == 1 ? TimeSpan.FromMinutes(1) : TimeSpan.Zero;
            return Task.FromResult(StubServer.Pair(n));
        };
        await device.GetTokenAsync();
        Assert.Equal("a2", await device.GetTokenAsync());
    }

    [Fact]
    public async Task Lifetime_is_counted_from_before_request()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        device.Clock.Advance(Lifetime);
        server.OnRefresh = (n, _) =>
        {
            device.Clock.Advance(TimeSpan.FromSeconds(4));
            return Task.FromResult(StubServer.Pair(n));
        };
        await device.GetTokenAsync();
        device.Clock.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal("a2", await device.GetTokenAsync());
    }

    [Fact]
    public async Task Refresh_presents_token_in_body_only()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        device.Clock.Advance(Lifetime);
        await device.GetAsync();
        var refresh = Assert.Single(server.Refreshes);
        Assert.Equal(("POST", "{\"refreshToken\":\"r0\"}", null), (refresh.Method, refresh.Body, refresh.Authorization));
    }

    [Theory]
    [InlineData("429", true)]
    [InlineData("503", true)]
    [InlineData("500", true)]
    [InlineData("502 page", true)]
    [InlineData("200 page", false)]
    [InlineData("302 page", false)]
    [InlineData("400", false)]
    [InlineData("401 page", false)]
    [InlineData("401 problem of another kind", false)]
    [InlineData("403", false)]
    [InlineData("404 page", false)]
    public async Task Answer_that_is_no_refusal_of_server_keeps_session(string answer, bool isRepeated)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        device.Clock.Advance(Lifetime);
        server.OnRefresh = (_, _) => Task.FromResult(AnswerOf(answer));
        var request = device.GetAsync();
        await device.Clock.PassUntilAsync(request);
        var failure = await Assert.ThrowsAsync<AuthServerException>(() => request);
        Assert.Equal(isRepeated, server.Refreshes.Count() > 1);
        Assert.Equal((HttpStatusCode)int.Parse(answer[..3], null), failure.Status);
        Assert.Empty(device.Ended);
        Assert.Empty(server.Calls);

        server.OnRefresh = (n, _) => Task.FromResult(StubServer.Pair(n));
        Assert.Equal(HttpStatusCode.OK, (await device.Clock.PassAsync(device.GetAsync())).StatusCode);
    }

    [Theory]
    [InlineData("refresh_token_missing", null)]
    [InlineData("refresh_token_invalid", null)]
    [InlineData("refresh_token_expired", null)]
    [InlineData("refresh_token_reused", null)]
    [InlineData("session_ended", "displaced")]
    public async Task Refusal_of_refresh_ends_session_once(string code, string? reason)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        device.Clock.Advance(Lifetime);
        server.OnRefresh = (_, _) => Task.FromResult(StubServer.Problem(401, code, reason));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => device.GetAsync()));
        Assert.Null(await device.GetTokenAsync());
        Assert.False(await device.Auth.IsLoggedInAsync(Ct));
        var ended = Assert.Single(device.Ended);
        Assert.Equal((StubServer.Session, code, reason), (ended.SessionId, ended.Code, ended.Reason));
        Assert.Single(server.Refreshes);
    }

    [Fact]
    public async Task Subscriber_can_ask_for_token_and_can_fail()
    {
        using var server = new StubServer
        {
            OnRefresh = (_, _) => Task.FromResult(StubServer.Problem(401, "refresh_token_reused")),
        };
        await using var device = await server.LogInAsync();
        device.Clock.Advance(Lifetime);
        device.Auth.SessionEnded += (_, _) =>
        {
            // Blocks, as some programs do. It must not wait for the refresh that raised the event.
            Assert.Null(device.GetTokenAsync().GetAwaiter().GetResult());
            throw new InvalidOperationException("failing subscriber");
        };
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
        Assert.Contains(device.Log.Lines, line => line.Text.Contains("failing subscriber", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Waiting_request_that_gives_up_leaves_refresh_to_other_requests()
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        device.Clock.Advance(Lifetime);
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        server.OnRefresh = (_, ct) => answer.Task.WaitAsync(ct);
        using var cancellation = new CancellationTokenSource();
        var first = device.Auth.GetAccessTokenAsync(cancellation.Token);
        var second = device.GetTokenAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult(StubServer.Pair(1));
        Assert.Equal("a1", await second);
        Assert.Single(server.Refreshes);
    }

    private static HttpResponseMessage AnswerOf(string answer) => answer.Split(' ') switch
    {
        [var status, "page"] => StubServer.Page(int.Parse(status, null)),
        ["401", ..] => StubServer.Problem(401, "access_token_missing"),
        [var status, ..] => StubServer.Problem(int.Parse(status, null), "whatever"),
        _ => throw new ArgumentException(answer),
    };
}
