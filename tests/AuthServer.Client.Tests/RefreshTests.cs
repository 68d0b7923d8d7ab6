using System.Net;
using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>When and how often the client refreshes, and what it makes of the answers.</summary>
public sealed class RefreshTests
{
    // What hangs has to fail some day; nothing here depends on how long it takes.
    private const int Deadline = 60_000;

    private static readonly TimeSpan Life = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(17.999, 0)]
    [InlineData(18, 1)]
    public async Task Token_is_renewed_two_seconds_ahead_of_its_end(double seconds, int refreshes)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal($"a{refreshes}", await device.GetTokenAsync());
        Assert.Equal(refreshes, server.Refreshes.Count());
    }

    [Fact]
    public async Task Life_is_counted_from_before_the_request()
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
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
    public async Task Refresh_presents_the_token_in_the_body_alone()
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        await device.GetAsync();
        var refresh = Assert.Single(server.Refreshes);
        Assert.Equal(("POST", "{\"refreshToken\":\"r0\"}", null), (refresh.Method, refresh.Body, refresh.Authorization));
    }

    [Fact(Timeout = Deadline)]
    public async Task Lost_answer_is_asked_for_again_at_once()
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        server.OnRefresh = (n, _) => n == 1 ? throw new HttpRequestException("gone") : Task.FromResult(StubServer.Pair(n));
        Assert.Equal("a2", await device.Auth.GetAccessTokenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["r0", "r0"], server.Presented);
    }

    [Fact]
    public async Task Unanswered_refresh_is_repeated_ever_more_slowly_and_never_past_the_grace()
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        var began = device.Clock.GetTimestamp();
        List<TimeSpan> tries = [];
        server.OnRefresh = (_, _) =>
        {
            tries.Add(device.Clock.GetElapsedTime(began));
            throw new HttpRequestException("gone");
        };

        var token = device.GetTokenAsync();
        var pauses = await device.Clock.PassUntilAsync(token);
        await Assert.ThrowsAsync<HttpRequestException>(() => token);
        Assert.Equal([TimeSpan.Zero, TimeSpan.Zero], tries[..2]);
        Assert.All(pauses.Index(), pause => Assert.InRange(pause.Item.TotalSeconds, 0.5 * Longest(pause.Index), Longest(pause.Index)));
        Assert.InRange(tries[^1].TotalSeconds, 20, 27);
        Assert.All(server.Presented, presented => Assert.Equal("r0", presented));
        Assert.Empty(device.Ended);

        // The next request begins anew, with the same token.
        server.OnRefresh = (n, _) => Task.FromResult(StubServer.Pair(n));
        Assert.NotNull(await device.GetTokenAsync());
        Assert.Equal("r0", server.Presented.Last());

        static double Longest(int pause) => Math.Min(5, 0.25 * Math.Pow(2, pause));
    }

    [Fact]
    public async Task Nothing_is_repeated_where_the_server_has_no_grace()
    {
        using var server = new StubServer { OnRefresh = (_, _) => throw new HttpRequestException("gone") };
        await using var device = await server.SignInAsync(setup => setup.Grace = TimeSpan.Zero);
        device.Clock.Advance(Life);
        await Assert.ThrowsAsync<HttpRequestException>(device.GetTokenAsync);
        Assert.Single(server.Refreshes);
    }

    [Fact(Timeout = Deadline)]
    public async Task Server_that_swallows_a_refresh_is_asked_again_after_five_seconds()
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        var asked = new TaskCompletionSource();
        server.OnRefresh = async (n, ct) =>
        {
            asked.TrySetResult();
            return n == 1 ? await StubServer.NeverAsync(ct) : StubServer.Pair(n);
        };
        var token = device.Auth.GetAccessTokenAsync(TestContext.Current.CancellationToken);
        await asked.Task;
        device.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("a2", await token);
    }

    [Theory]
    [InlineData(6, 2)]
    [InlineData(40, 3)]
    [InlineData(59, 3)]
    public async Task Network_that_is_slow_ends_no_session(int seconds, int tries)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        List<TimeSpan> sent = [];
        var began = device.Clock.GetTimestamp();
        server.OnRefresh = (_, ct) =>
        {
            sent.Add(device.Clock.GetElapsedTime(began));
            for (var second = 0; second < seconds; second++)
            {
                device.Clock.Advance(TimeSpan.FromSeconds(1));
                ct.ThrowIfCancellationRequested();
            }

            return Task.FromResult(StubServer.Pair(1));
        };
        var token = device.GetTokenAsync();
        await device.Clock.PassUntilAsync(token);
        Assert.Equal("a1", await token);
        Assert.Equal(Enumerable.Repeat("r0", tries), server.Presented);
        Assert.All(sent, time => Assert.InRange(time.TotalSeconds, 0, 27));
        Assert.Equal(new StoredSession(StubServer.Session, "r1"), await device.Resolve<ITokenStore>().ReadAsync(Ct));
        Assert.Empty(device.Ended);
    }

    [Fact]
    public async Task Last_try_is_given_up_after_a_minute()
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync(setup => setup.Grace = TimeSpan.Zero);
        device.Clock.Advance(Life);
        var began = device.Clock.GetTimestamp();
        server.OnRefresh = (_, ct) =>
        {
            while (!ct.IsCancellationRequested)
            {
                device.Clock.Advance(TimeSpan.FromSeconds(1));
            }

            return Task.FromCanceled<HttpResponseMessage>(ct);
        };
        var failure = await Assert.ThrowsAsync<HttpRequestException>(device.GetTokenAsync);
        Assert.IsType<TimeoutException>(failure.InnerException);
        Assert.Equal(TimeSpan.FromSeconds(60), device.Clock.GetElapsedTime(began));
        Assert.Empty(device.Ended);
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
    public async Task Answer_that_is_no_refusal_of_the_server_logs_nobody_out(string answer, bool mayPass)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        server.OnRefresh = (_, _) => Task.FromResult(AnswerOf(answer));
        var request = device.GetAsync();
        await device.Clock.PassUntilAsync(request);
        var failure = await Assert.ThrowsAsync<AuthServerException>(() => request);
        Assert.Equal(mayPass, server.Refreshes.Count() > 1);
        Assert.Equal((HttpStatusCode)int.Parse(answer[..3], null), failure.Status);
        Assert.Empty(device.Ended);
        Assert.Empty(server.Calls);

        server.OnRefresh = (n, _) => Task.FromResult(StubServer.Pair(n));
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
    }

    [Theory]
    [InlineData("refresh_token_missing", null)]
    [InlineData("refresh_token_invalid", null)]
    [InlineData("refresh_token_expired", null)]
    [InlineData("refresh_token_reused", null)]
    [InlineData("session_ended", "displaced")]
    public async Task Refusal_of_the_server_ends_the_session_and_is_told_once(string code, string? reason)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        server.OnRefresh = (_, _) => Task.FromResult(StubServer.Problem(401, code, reason));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => device.GetAsync()));
        Assert.Null(await device.GetTokenAsync());
        Assert.False(await device.Auth.IsSignedInAsync(TestContext.Current.CancellationToken));
        var ended = Assert.Single(device.Ended);
        Assert.Equal((StubServer.Session, code, reason), (ended.SessionId, ended.Code, ended.Reason));
        Assert.Single(server.Refreshes);
    }

    [Fact]
    public async Task Subscriber_may_ask_for_a_token_and_may_fail()
    {
        using var server = new StubServer { OnRefresh = (_, _) => Task.FromResult(StubServer.Problem(401, "refresh_token_reused")) };
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        device.Auth.SessionEnded += (_, _) =>
        {
            // As a careless program does it; it must not wait for the refresh that it is told of.
            Assert.Null(device.GetTokenAsync().GetAwaiter().GetResult());
            throw new InvalidOperationException("careless");
        };
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
        Assert.Contains(device.Log.Lines, line => line.Text.Contains("careless", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Waiting_request_that_gives_up_takes_nothing_from_the_others()
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        server.OnRefresh = (_, ct) => answer.Task.WaitAsync(ct);
        using var impatience = new CancellationTokenSource();
        var first = device.Auth.GetAccessTokenAsync(impatience.Token);
        var second = device.GetTokenAsync();
        await impatience.CancelAsync();
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
