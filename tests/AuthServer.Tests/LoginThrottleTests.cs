using System.Net;
using System.Text.RegularExpressions;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Guesses at the password of one account: they are slowed, and its owner is not locked out.</summary>
public sealed partial class LoginThrottleTests
{
    private const string Home = "203.0.113.5";
    private const string Away = "192.0.2.77";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guesses_of_6_addresses_at_one_account_are_slowed()
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", Home);
        var answers = await app.GuessAsync("ada", 360, i => $"198.51.{i % 6}.9");
        Assert.Equal((100, 260), (answers[HttpStatusCode.Unauthorized], answers[HttpStatusCode.TooManyRequests]));
    }

    [Fact]
    public async Task Guesses_of_one_IPv6_customer_at_one_account_are_slowed()
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", Home);
        var answers = await app.GuessAsync("ada", 1280, i => $"2001:db8:0:{i % 256:x}::{i:x}");
        Assert.Equal((100, 1180), (answers[HttpStatusCode.Unauthorized], answers[HttpStatusCode.TooManyRequests]));
    }

    [Fact]
    public async Task Guesses_by_name_and_by_verified_address_count_together()
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", Home);
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(user => user.VerifiedEmail, "ada@example.com"), Ct));
        await app.GuessAsync("ada", 100, Guesses.Anywhere);
        (await app.TryAsync("ada@example.com", "wrong", Away)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Delay_doubles_with_each_further_failure()
    {
        await using var app = Guesses.NewApp();
        await app.GuessAsync("ada", 100, Guesses.Anywhere);
        var delays = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            var refused = await app.TryAsync("ada", "wrong", Guesses.Anywhere(i));
            await refused.ShouldBeProblemAsync(429, "too_many_requests");
            var delay = refused.Headers.RetryAfter!.Delta!.Value;
            delays.Add(delay.TotalSeconds);
            app.Clock.Advance(delay - TimeSpan.FromMilliseconds(1));
            (await app.TryAsync("ada", "wrong", Guesses.Anywhere(i))).ShouldBe(HttpStatusCode.TooManyRequests);
            app.Clock.Advance(TimeSpan.FromMilliseconds(1));
            (await app.TryAsync("ada", "wrong", Guesses.Anywhere(i))).ShouldBe(HttpStatusCode.Unauthorized);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256], delays);
    }

    [Fact]
    public async Task Names_that_exist_and_that_do_not_answer_same_bytes()
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", Home);
        foreach (var i in Enumerable.Range(0, 103))
        {
            var known = await app.TryAsync("ada", "wrong", Guesses.Anywhere(i));
            var unknown = await app.TryAsync("eve", "wrong", Guesses.Anywhere(i));
            Assert.Equal(await WithoutTraceAsync(known), await WithoutTraceAsync(unknown));
            Assert.Equal(i < 100 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, unknown.StatusCode);
        }
    }

    [Fact]
    public async Task Names_are_counted_in_normal_form()
    {
        await using var app = Guesses.NewApp();
        string[] spellings = ["ada", "ADA", " ada ", "\uff41da"];
        foreach (var spelling in spellings)
        {
            await app.GuessAsync(spelling, 25, Guesses.Anywhere);
        }

        (await app.TryAsync("Ada", "wrong", Away)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await app.TryAsync("adam", "wrong", Away)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Concurrent_guesses_do_not_exceed_limit()
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", Home);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(i => app.TryAsync("ada", "wrong", Guesses.Anywhere(i))));
        Assert.InRange(answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized), 1, 100);
        Assert.All(answers, answer => Assert.Contains(
            answer.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests }));

        // Past the limit at most one attempt is made for each delay.
        await app.GuessAsync("ada", 100, Guesses.Anywhere);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => app.TryAsync("ada", "wrong", Guesses.Anywhere(i))));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Owner_with_device_token_logs_in_anywhere_while_strangers_wait()
    {
        await using var app = Guesses.NewApp();
        var device = await app.LogInAtAsync("ada", Home);
        await app.ExhaustAsync("ada");
        (await app.TryAsync("ada", AuthServerApp.Password, Away)).ShouldBe(HttpStatusCode.TooManyRequests);
        await app.LogInAtAsync("ada", Away, device);

        // The success of the device is nothing to strangers, who still wait.
        (await app.TryAsync("ada", "wrong", Guesses.Anywhere(7))).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData(Home, "203.0.113.200", "203.0.114.5")]
    [InlineData("2001:db8:1:100::5", "2001:db8:1:1ff::9", "2001:db8:1:200::5")]
    public async Task Owner_in_known_block_logs_in_while_strangers_wait(string login, string sameBlock, string otherBlock)
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", login);
        await app.ExhaustAsync("ada");
        (await app.TryAsync("ada", AuthServerApp.Password, otherBlock)).ShouldBe(HttpStatusCode.TooManyRequests);
        await app.LogInAtAsync("ada", sameBlock);
        (await app.TryAsync("ada", "wrong", Guesses.Anywhere(7))).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Block_is_known_for_30_days_after_end_of_session()
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", Home);
        await app.InDatabaseAsync(db => db.Database.ExecuteSqlAsync(
            $"UPDATE sessions SET ended_at = {app.Clock.GetUtcNow().ToUnixTimeMilliseconds()}, end_reason = 1", Ct));
        app.Clock.Advance(TimeSpan.FromDays(29));
        await app.ExhaustAsync("ada");
        (await app.TryAsync("ada", "wrong", Home)).ShouldBe(HttpStatusCode.Unauthorized);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.ExhaustAsync("ada");
        (await app.TryAsync("ada", "wrong", Home)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Block_is_known_by_newest_100_sessions()
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", Home);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var ada = await app.LogInAsync("ada");
        foreach (var (more, isKnown) in new[] { (98, true), (1, false) })
        {
            await ManySessions.AddAsync(app, ada, more);
            Assert.Equal(isKnown, await app.Get<SessionLister>().IsKnownInAsync(
                ada.Claims.GetProperty("sub").GetGuid(), IPNetwork.Parse("203.0.113.0/24"), Ct));
        }
    }

    [Fact]
    public async Task Guesses_in_known_block_are_slowed_and_delay_no_stranger_and_device()
    {
        await using var app = Guesses.NewApp();
        var device = await app.LogInAtAsync("ada", Home);
        var answers = await app.GuessAsync("ada", 120, i => $"203.0.113.{i}");
        Assert.Equal(100, answers[HttpStatusCode.Unauthorized]);
        (await app.TryAsync("ada", AuthServerApp.Password, Home)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await app.TryAsync("ada", "wrong", Away)).ShouldBe(HttpStatusCode.Unauthorized);
        await app.LogInAtAsync("ada", Home, device);
    }

    [Fact]
    public async Task Success_of_stranger_empties_no_bucket()
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", Home);
        await app.GuessAsync("ada", 99, i => $"203.0.113.{i}");
        await app.GuessAsync("ada", 99, Guesses.Anywhere);
        await app.LogInAtAsync("ada", Away);
        Assert.Equal(1, (await app.GuessAsync("ada", 20, Guesses.Anywhere))[HttpStatusCode.Unauthorized]);
        Assert.Equal(1, (await app.GuessAsync("ada", 20, i => $"203.0.113.{i}"))[HttpStatusCode.Unauthorized]);
    }

    [Fact]
    public async Task Success_in_known_block_empties_its_bucket()
    {
        await using var app = Guesses.NewApp(new FailureLimits { Account = FailureLimits.OfAccount(5) });
        await app.LogInAtAsync("ada", Home);
        await app.GuessAsync("ada", 4, i => $"203.0.113.{i}");
        await app.LogInAtAsync("ada", Home);
        Assert.Equal(5, (await app.GuessAsync("ada", 10, i => $"203.0.113.{i}"))[HttpStatusCode.Unauthorized]);
    }

    [Fact]
    public async Task Failures_fade_by_one_in_15_minutes()
    {
        await using var app = Guesses.NewApp();
        await app.GuessAsync("ada", 100, Guesses.Anywhere);
        app.Clock.Advance(TimeSpan.FromMinutes(45));
        Assert.Equal(3, (await app.GuessAsync("ada", 10, Guesses.Anywhere))[HttpStatusCode.Unauthorized]);
        app.Clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(100, (await app.GuessAsync("ada", 110, Guesses.Anywhere))[HttpStatusCode.Unauthorized]);
    }

    [Fact]
    public async Task Setting_is_number_of_failures_that_strangers_have()
    {
        await using var app = Guesses.NewApp(new FailureLimits { Account = FailureLimits.OfAccount(5) });
        Assert.Equal(5, (await app.GuessAsync("ada", 10, Guesses.Anywhere))[HttpStatusCode.Unauthorized]);
    }

    [Theory]
    [InlineData("/password")]
    [InlineData("/reauthenticate")]
    public async Task Private_route_that_takes_password_counts_failures_too(string route)
    {
        await using var app = Guesses.NewApp();
        var ada = await app.LogInAsync("ada");
        object guess = route == "/password"
            ? new { currentPassword = "wrong", newPassword = "analytical engine number two" }
            : new { password = "wrong" };
        for (var i = 0; i < 100; i++)
        {
            (await ada.SendAsync(HttpMethod.Post, route, guess)).ShouldBe(HttpStatusCode.Unauthorized);
            await app.SettleAsync();
        }

        var refused = await ada.SendAsync(HttpMethod.Post, route, guess);
        await refused.ShouldBeProblemAsync(429, "too_many_requests");
        (await app.TryAsync("ada", AuthServerApp.Password, Away)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Limits_that_are_off_count_nothing()
    {
        await using var app = Guesses.NewApp(new FailureLimits { Enabled = false });
        Assert.Equal(110, (await app.GuessAsync("ada", 110, _ => Away))[HttpStatusCode.Unauthorized]);
        Assert.Empty(await app.InDatabaseAsync(db => db.FailureCounts.ToListAsync(Ct)));
    }

    [GeneratedRegex("\"traceId\":\"[0-9a-f]+\"")]
    private static partial Regex TraceId { get; }

    private static async Task<string> WithoutTraceAsync(HttpResponseMessage answer)
    {
        var head = string.Join('\n', answer.Headers.Concat(answer.Content.Headers)
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}"));
        return $"{(int)answer.StatusCode}\n{head}\n{TraceId.Replace(await answer.Content.ReadAsStringAsync(Ct), "")}";
    }
}
