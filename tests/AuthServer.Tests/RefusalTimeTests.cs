using System.Net;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AuthServer.Tests;

/// <summary>The time after which refusals are answered that say nothing of a password.</summary>
public sealed class RefusalTimeTests
{
    private const string Address = "192.0.2.77";

    [Fact]
    public async Task Guess_after_many_failures_is_answered_after_fixed_time()
    {
        await using var app = NewApp(new FailureLimits { Account = FailureLimits.OfAccount(1) });
        (await app.TryAsync("ada", "wrong", Address)).ShouldBe(HttpStatusCode.Unauthorized);
        await ShouldBeHeldAsync(app, HttpStatusCode.TooManyRequests, () => app.TryAsync("ada", "wrong", Address));
    }

    [Theory]
    [InlineData("/login", 1)]
    [InlineData("/register", 1)]
    [InlineData("/password/strength", 10)]
    public async Task Request_beyond_limit_of_network_is_answered_after_fixed_time(string path, int admitted)
    {
        await using var app = NewApp(
            new FailureLimits(), ("RateLimits:Enabled", "true"), ("RateLimits:Credentials:Burst", "1"));
        using var http = ClientAddresses.Create(app, Address);
        object body = new { username = "ada", password = AuthServerApp.Password };
        for (var i = 0; i < admitted; i++)
        {
            await http.PostAsync(path, body);
        }

        await ShouldBeHeldAsync(app, HttpStatusCode.TooManyRequests, () => http.PostAsync(path, body));
    }

    [Fact]
    public async Task Unavailable_login_is_answered_after_fixed_time()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(services =>
        {
            UseHold(services);
            probe.AddTo(services);
        });
        using var http = app.CreateClient();
        probe.CommandFault = TestDatabase.Away;
        await ShouldBeHeldAsync(
            app, HttpStatusCode.ServiceUnavailable, () => http.PostAsync("/login", new { username = "ada", password = "wrong" }));
    }

    [Fact]
    public async Task Logins_and_refused_refreshes_are_answered_at_once()
    {
        await using var app = NewApp(
            new FailureLimits(), ("RateLimits:Enabled", "true"), ("RateLimits:Sessions:Burst", "1"));
        var ada = await app.LogInAsync("ada");
        var refused = new List<HttpStatusCode>();
        for (var i = 0; i < 2; i++)
        {
            refused.Add((await ada.Http.PostAsync("/refresh", new { refreshToken = "none" })).StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, refused);
    }

    private static AuthServerApp NewApp(FailureLimits limits, params (string Key, string Value)[] settings) => new(
        services =>
        {
            Guesses.AddTo(services, limits);
            UseHold(services);
        },
        settings);

    private static void UseHold(IServiceCollection services) =>
        services.Replace(ServiceDescriptor.Singleton<RefusalHold, RefusalHold>());

    // The clock moves slowly: a request that does not wait for it is answered long before a second has passed.
    private static async Task ShouldBeHeldAsync(AuthServerApp app, HttpStatusCode status, Func<Task<HttpResponseMessage>> send)
    {
        var (began, answer) = (app.Clock.GetUtcNow(), send());
        await Eventually.BecomesAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
            return answer.IsCompleted;
        });
        (await answer).ShouldBe(status);
        var time = app.Clock.GetUtcNow() - began;
        Assert.True(time >= TimeSpan.FromSeconds(1), $"{time}");
    }
}
