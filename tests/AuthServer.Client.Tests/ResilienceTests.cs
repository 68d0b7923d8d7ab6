using System.Net;
using AuthServer.Client.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Refit;

namespace AuthServer.Client.Tests;

public sealed record Thing(string Name);

public interface IThings
{
    [Post("/things")]
    Task<string> AddAsync([Body] Thing thing, CancellationToken cancellationToken);
}

/// <summary>Beside what else people put on an HTTP client.</summary>
public sealed class ResilienceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retries_and_tokens_work_in_either_order(bool tokensOutside)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync(setup => setup.ConfigureApi = api =>
        {
            _ = tokensOutside ? api.AddAuthServerTokens() : api;
            api.AddResilienceHandler("retries", pipeline => pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = 3,
                Delay = TimeSpan.Zero,
                UseJitter = false,
            }));
            _ = tokensOutside ? api : api.AddAuthServerTokens();
        });

        // An outage, an old token, another outage: each is one handler's concern, and both send the same request again.
        HttpResponseMessage[] answers = [StubServer.Page(503), StubServer.Expired(), StubServer.Page(503), StubServer.Ok()];
        var next = 0;
        server.OnCall = _ => Task.FromResult(answers[next++]);
        using var answer = await device.Api.PostAsync(new Uri("things", UriKind.Relative), new StringContent("body"), Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["Bearer a0", "Bearer a0", "Bearer a1", "Bearer a1"], server.Calls.Select(call => call.Authorization));
        Assert.All(server.Calls, call => Assert.Equal("body", call.Body));
        Assert.Single(server.Refreshes);
    }

    [Fact]
    public async Task Repeat_from_outside_is_not_sent_as_who_has_logged_in_meanwhile()
    {
        using var server = new StubServer();
        Func<Task> logInAsAnother = () => Task.CompletedTask;
        await using var device = await server.SignInAsync(setup => setup.ConfigureApi = api =>
        {
            api.AddResilienceHandler("retries", pipeline => pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                Delay = TimeSpan.Zero,
                OnRetry = async _ => await logInAsAnother(),
            }));
            api.AddAuthServerTokens();
        });
        server.OnLogin = _ => Task.FromResult(StubServer.Pair(7, Guid.NewGuid()));
        logInAsAnother = () => device.LoginAsync();
        HttpResponseMessage[] answers = [StubServer.Page(503), StubServer.Ok()];
        var next = 0;
        server.OnCall = _ => Task.FromResult(answers[next++]);
        using var answer = await device.Api.PostAsync(new Uri("things", UriKind.Relative), new StringContent("body"), Ct);
        Assert.Equal(["Bearer a0", null], server.Calls.Select(call => call.Authorization));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Standard_handler_gives_up_on_a_server_that_is_away_and_the_session_stays(bool tokensOutside)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync(setup => setup.ConfigureApi = api =>
        {
            _ = tokensOutside ? api.AddAuthServerTokens() : api;
            api.AddStandardResilienceHandler(options => options.Retry.Delay = TimeSpan.Zero);
            _ = tokensOutside ? api : api.AddAuthServerTokens();
        });
        server.OnRefresh = (_, _) => throw new HttpRequestException("gone");
        device.Clock.Advance(TimeSpan.FromSeconds(20));
        var request = device.GetAsync();
        await device.Clock.PassUntilAsync(request);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => request);
        Assert.True(failure is HttpRequestException or TimeoutRejectedException, failure.ToString());
        Assert.True(await device.Auth.IsSignedInAsync(Ct));
        Assert.Empty(device.Ended);

        // A refresh may still be under way, for which the end waits.
        var end = device.DisposeAsync().AsTask();
        device.Clock.Advance(TimeSpan.FromSeconds(5));
        await end;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hedged_requests_all_carry_a_good_token_and_share_one_refresh(bool tokensOutside)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync(setup => setup.ConfigureApi = api =>
        {
            _ = tokensOutside ? api.AddAuthServerTokens() : api;
            api.AddResilienceHandler("hedge", pipeline => pipeline.AddHedging(new HttpHedgingStrategyOptions
            {
                // All of them at once.
                Delay = TimeSpan.Zero,
                MaxHedgedAttempts = 2,
            }));
            _ = tokensOutside ? api : api.AddAuthServerTokens();
        });
        var tries = 0;
        var all = new TaskCompletionSource();
        server.OnCall = async call =>
        {
            // The first three come with the old token; all are there before the first is answered.
            _ = Interlocked.Increment(ref tries) == 3 && all.TrySetResult();
            await all.Task;
            return call.Authorization == "Bearer a0" ? StubServer.Expired() : StubServer.Ok();
        };
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync()).StatusCode);
        Assert.All(server.Calls.Take(3), call => Assert.Equal("Bearer a0", call.Authorization));
        Assert.All(server.Calls.Skip(3), call => Assert.Equal("Bearer a1", call.Authorization));
        Assert.Single(server.Refreshes);
    }

    [Fact]
    public async Task Failure_on_the_way_to_the_server_is_one_of_transport_whatever_it_is_called()
    {
        using var server = new StubServer
        {
            OnRefresh = (n, _) => n == 1 ? throw new BrokenCircuitException("open") : Task.FromResult(StubServer.Pair(n)),
        };
        await using var device = await server.SignInAsync();
        device.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("a2", await device.GetTokenAsync());
    }

    public static TheoryData<string, Func<AuthServerClient, CancellationToken, Task>> Calls => new()
    {
        { "register", (auth, ct) => auth.RegisterAsync("bob", "secret", cancellationToken: ct) },
        { "login", (auth, ct) => auth.LoginAsync("bob", "secret", cancellationToken: ct) },
        { "me", (auth, ct) => auth.GetMeAsync(ct) },
        { "password", (auth, ct) => auth.ChangePasswordAsync("secret", "secret2", ct) },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_fails_in_one_way_whatever_failed(string path, Func<AuthServerClient, CancellationToken, Task> callAsync)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        Task<HttpResponseMessage> FailAsync(Exception failure) => Task.FromException<HttpResponseMessage>(failure);

        server.OnCall = server.OnLogin = _ => FailAsync(new BrokenCircuitException(path));
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => callAsync(device.Auth, Ct));
        Assert.IsType<BrokenCircuitException>(failure.InnerException);

        // As HttpClient's own time-out comes.
        server.OnCall = server.OnLogin = _ => FailAsync(new TaskCanceledException("The configured timeout has elapsed."));
        failure = await Assert.ThrowsAsync<HttpRequestException>(() => callAsync(device.Auth, Ct));
        Assert.IsType<TimeoutException>(failure.InnerException);

        // Longer than a refresh would wait.
        server.OnCall = server.OnLogin = _ =>
        {
            device.Clock.Advance(TimeSpan.FromSeconds(15));
            return FailAsync(new HttpRequestException("gone"));
        };
        Assert.Equal("gone", (await Assert.ThrowsAsync<HttpRequestException>(() => callAsync(device.Auth, Ct))).Message);

        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        server.OnCall = server.OnLogin = async _ =>
        {
            await impatience.CancelAsync();
            return await StubServer.NeverAsync(impatience.Token);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => callAsync(device.Auth, impatience.Token));
        Assert.True(await device.Auth.IsSignedInAsync(Ct));
    }

    [Fact]
    public async Task Refit_client_gets_tokens_and_its_body_is_repeated()
    {
        using var server = new StubServer
        {
            OnCall = call => Task.FromResult(call.Authorization == "Bearer a0" ? StubServer.Expired() : StubServer.Ok()),
        };
        await using var device = await server.SignInAsync();
        var api = RestService.For<IThings>(device.Api);
        Assert.Equal("ok", await api.AddAsync(new Thing("hammer"), Ct));
        Assert.Equal(["{\"name\":\"hammer\"}", "{\"name\":\"hammer\"}"], server.Calls.Select(call => call.Body));
    }
}
