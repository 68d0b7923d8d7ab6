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

/// <summary>The client beside other handlers of an HTTP client.</summary>
public sealed class ResilienceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retries_and_tokens_work_in_either_order(bool tokensOutside)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync(setup => setup.ConfigureApi = api =>
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

        // An outage, an expired token, another outage: each is handled by one handler, and both send the same request again.
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
    public async Task Repeat_from_outside_is_not_sent_as_newer_user()
    {
        using var server = new StubServer();
        Func<Task> logInAsAnother = () => Task.CompletedTask;
        await using var device = await server.LogInAsync(setup => setup.ConfigureApi = api =>
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
    public async Task Standard_handler_gives_up_and_session_stays(bool tokensOutside)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync(setup => setup.ConfigureApi = api =>
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
        Assert.True(await device.Auth.IsLoggedInAsync(Ct));
        Assert.Empty(device.Ended);

        // The end waits for an attempt that is still under way.
        var end = device.DisposeAsync().AsTask();
        device.Clock.Advance(TimeSpan.FromSeconds(5));
        await end;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hedged_requests_share_one_refresh(bool tokensOutside)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync(setup => setup.ConfigureApi = api =>
        {
            _ = tokensOutside ? api.AddAuthServerTokens() : api;
            api.AddResilienceHandler("hedge", pipeline => pipeline.AddHedging(new HttpHedgingStrategyOptions
            {
                // All three at once.
                Delay = TimeSpan.Zero,
                MaxHedgedAttempts = 2,
            }));
            _ = tokensOutside ? api : api.AddAuthServerTokens();
        });
        var tries = 0;
        var all = new TaskCompletionSource();
        server.OnCall = async call =>
        {
            // The first three carry the expired token, and all have arrived before the first is answered.
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
    public async Task Exception_of_foreign_handler_counts_as_no_answer()
    {
        using var server = new StubServer
        {
            OnRefresh = (n, _) => n == 1 ? throw new BrokenCircuitException("open") : Task.FromResult(StubServer.Pair(n)),
        };
        await using var device = await server.LogInAsync();
        device.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("a2", await device.Clock.PassAsync(device.GetTokenAsync()));
    }

    public static TheoryData<string, Func<AuthServerClient, CancellationToken, Task>> Calls => new()
    {
        { "register", (auth, ct) => auth.RegisterAsync("bob", "secret", cancellationToken: ct) },
        { "login", (auth, ct) => auth.LoginAsync("bob", "secret", cancellationToken: ct) },
        { "me", (auth, ct) => auth.GetMeAsync(ct) },
        { "password", (auth, ct) => auth.ChangePasswordAsync("secret", "secret2", cancellationToken: ct) },
        { "reauthenticate", (auth, ct) => auth.ReauthenticateAsync("secret", cancellationToken: ct) },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_fails_in_one_way_for_any_cause(string path, Func<AuthServerClient, CancellationToken, Task> callAsync)
    {
        using var server = new StubServer();
        await using var device = await server.LogInAsync();
        Task<HttpResponseMessage> FailAsync(Exception failure) => Task.FromException<HttpResponseMessage>(failure);

        server.OnCall = server.OnLogin = _ => FailAsync(new BrokenCircuitException(path));
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => callAsync(device.Auth, Ct));
        Assert.IsType<BrokenCircuitException>(failure.InnerException);

        // The timeout of HttpClient itself.
        server.OnCall = server.OnLogin = _ => FailAsync(new TaskCanceledException("The configured timeout has elapsed."));
        failure = await Assert.ThrowsAsync<HttpRequestException>(() => callAsync(device.Auth, Ct));
        Assert.IsType<TimeoutException>(failure.InnerException);

        // Longer than the first attempt of a refresh may take.
        server.OnCall = server.OnLogin = _ =>
        {
            device.Clock.Advance(TimeSpan.FromSeconds(15));
            return FailAsync(new HttpRequestException("gone"));
        };
        Assert.Equal("gone", (await Assert.ThrowsAsync<HttpRequestException>(() => callAsync(device.Auth, Ct))).Message);

        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        server.OnCall = server.OnLogin = async _ =>
        {
            await cancellation.CancelAsync();
            return await StubServer.NeverAsync(cancellation.Token);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => callAsync(device.Auth, cancellation.Token));
        Assert.True(await device.Auth.IsLoggedInAsync(Ct));
    }

    [Fact]
    public async Task Refit_client_gets_tokens_and_repeats_its_body()
    {
        using var server = new StubServer
        {
            OnCall = call => Task.FromResult(call.Authorization == "Bearer a0" ? StubServer.Expired() : StubServer.Ok()),
        };
        await using var device = await server.LogInAsync();
        var api = RestService.For<IThings>(device.Api);
        Assert.Equal("ok", await api.AddAsync(new Thing("hammer"), Ct));
        Assert.Equal(["{\"name\":\"hammer\"}", "{\"name\":\"hammer\"}"], server.Calls.Select(call => call.Body));
    }
}
