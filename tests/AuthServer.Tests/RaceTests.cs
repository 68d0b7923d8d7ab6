using System.Net;
using System.Net.Http.Headers;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests;

/// <summary>Concurrent requests, and requests whose caller goes away.</summary>
public sealed class RaceTests
{
    [Fact]
    public async Task Concurrent_refreshes_of_one_token_make_one_rotation_and_successor()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        for (var round = 1u; round <= 200; round++)
        {
            var token = ada.Pair.RefreshToken;
            var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => ada.PresentAsync(token)));
            var pairs = await Task.WhenAll(answers.Select(answer => answer.ShouldBePairAsync()));
            var successor = Assert.Single(pairs.Select(pair => pair.RefreshToken).Distinct());
            Assert.Equal(round, (await app.RowOfAsync(ada)).Generation);
            Assert.Equal(successor, (await ada.RefreshAsync(token)).RefreshToken);
        }
    }

    [Fact]
    public async Task Refresh_concurrent_with_logout_leaves_nothing_usable()
    {
        await using var app = new AuthServerApp();
        var http = app.CreateClient();
        var refreshed = 0;
        for (var round = 0; round < 500; round++)
        {
            var ada = await app.LogInAsync("ada");
            Task<HttpResponseMessage> Refresh() => ada.PresentAsync(ada.Pair.RefreshToken);
            Task<HttpResponseMessage>[] race = round % 2 == 0
                ? [Refresh(), Refresh(), ada.LogoutAsync()]
                : [ada.LogoutAsync(), Refresh(), Refresh()];
            var logout = race[round % 2 == 0 ? 2 : 0];
            (await logout).ShouldBe(HttpStatusCode.NoContent);

            await (await ada.GetAsync("/me")).ShouldBeEndedAsync("logout");
            foreach (var answer in await Task.WhenAll(race.Where(answer => answer != logout)))
            {
                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    await answer.ShouldBeEndedAsync("logout");
                    continue;
                }

                refreshed++;
                var pair = await answer.ShouldBePairAsync();
                await (await ada.PresentAsync(pair.RefreshToken)).ShouldBeEndedAsync("logout");
                using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", pair.AccessToken);
                await (await http.SendAsync(request, TestContext.Current.CancellationToken)).ShouldBeEndedAsync("logout");
            }
        }

        // Both orders must have occurred.
        Assert.InRange(refreshed, 1, 999);
    }

    [Fact]
    public async Task Client_that_aborts_and_retries_gets_same_successor()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        using var abort = new CancellationTokenSource();
        using var body = HttpAssertions.Json(new { ada.Pair.RefreshToken });
        var aborted = Task.CompletedTask;
        await await app.InOneBatchAsync(async () =>
        {
            aborted = ada.Http.PostAsync(new Uri("/refresh", UriKind.Relative), body, abort.Token);
            while (app.Get<SessionCommandQueue>().Waiting == 0)
            {
                await Task.Yield();
            }

            await abort.CancelAsync();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => aborted);
        var expected = new RefreshToken(ada.SessionId, 1).Encode(app.Get<ServerKeys>().Refresh);
        Assert.Equal(expected, (await ada.RefreshAsync()).RefreshToken);
        Assert.Equal(1u, (await app.RowOfAsync(ada)).Generation);
    }

    [Fact]
    public async Task Retry_after_lost_response_gets_same_successor()
    {
        var loss = new LostAnswers();
        await using var app = new AuthServerApp(services => services.AddSingleton<IStartupFilter>(loss));
        var ada = await app.LogInAsync("ada");
        loss.IsOn = true;
        await Assert.ThrowsAnyAsync<Exception>(() => ada.PresentAsync(ada.Pair.RefreshToken));
        loss.IsOn = false;

        Assert.Equal(1u, (await app.RowOfAsync(ada)).Generation);
        var expected = new RefreshToken(ada.SessionId, 1).Encode(app.Get<ServerKeys>().Refresh);
        Assert.Equal(expected, (await ada.RefreshAsync()).RefreshToken);
        Assert.Equal(1u, (await app.RowOfAsync(ada)).Generation);
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Caller_that_goes_away_leaves_rest_of_batch_alone()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var bob = await app.LogInAsync("bob");
        var queue = app.Get<SessionCommandQueue>();
        using var http = app.CreateClient();
        using var gone = new CancellationTokenSource();
        var (left, stayed) = (Task.CompletedTask, Task.CompletedTask);

        await await app.InOneBatchAsync(async () =>
        {
            left = http.PostAsync("/refresh", HttpAssertions.Json(new { ada.Pair.RefreshToken }), gone.Token);
            while (queue.Waiting == 0)
            {
                await Task.Yield();
            }

            await gone.CancelAsync();
            stayed = bob.RefreshAsync();
            while (queue.Waiting < 2)
            {
                await Task.Yield();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await stayed;
        Assert.Equal(1u, (await app.RowOfAsync(ada)).Generation);
        Assert.Equal(1u, (await app.RowOfAsync(bob)).Generation);
    }

    [Fact]
    public async Task Concurrent_logins_keep_within_number_of_devices()
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "2"));
        await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var devices = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => app.LogInAsync("ada")));
        var usable = 0;
        foreach (var device in devices)
        {
            usable += (await device.GetAsync("/me")).StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.Equal(2, usable);
    }

    [Fact]
    public async Task Concurrent_registrations_of_one_name_make_one_account()
    {
        await using var app = new AuthServerApp();
        var http = app.CreateClient();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(n =>
            http.PostAsync("/register", new { username = n % 2 == 0 ? "ada" : "ADA", password = AuthServerApp.Password })));
        var created = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        foreach (var other in answers.Where(answer => answer != created))
        {
            await other.ShouldBeProblemAsync(409, "username_taken");
        }
    }

    /// <summary>Handles requests and then aborts their connections, so that the answers are lost.</summary>
    private sealed class LostAnswers : IStartupFilter
    {
        public bool IsOn { get; set; }

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, rest) =>
            {
                await rest(context);
                if (IsOn)
                {
                    context.Abort();
                }
            });
            next(app);
        };
    }
}
