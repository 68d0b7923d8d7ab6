using System.Net;
using AuthServer.Core;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.Authenticator;

namespace AuthServer.Tests;

/// <summary>Guesses at the codes of second factors.</summary>
public sealed class SecondFactorGuessTests : IAsyncLifetime
{
    // No limit but that of the account.
    private readonly AuthServerApp app = new(
        ("RateLimits:Enabled", "true"),
        ("RateLimits:Credentials:Burst", "100000"),
        ("RateLimits:NetworkFailures", "100000"),
        ("RateLimits:LoginsPerDay", "100000"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Guesses_are_slowed_and_new_challenges_start_no_new_count()
    {
        var authenticator = await SetUpAsync(app, await app.LogInAsync("ada"));
        var http = app.CreateClient();
        for (var guess = 0; guess < 10; guess++)
        {
            var wrong = await CompleteAsync(http, await ChallengeAsync(http), "000000");
            await wrong.ShouldBeProblemAsync(401, "second_factor_invalid");
        }

        var challenge = await ChallengeAsync(http);
        await (await CompleteAsync(http, challenge, authenticator.Code(1))).ShouldBeProblemAsync(429, "too_many_requests");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await CompleteAsync(http, challenge, authenticator.Code(1))).ShouldBePairAsync();

        // A completed login empties the count.
        var after = await CompleteAsync(http, await ChallengeAsync(http), "000000");
        await after.ShouldBeProblemAsync(401, "second_factor_invalid");
    }

    [Fact]
    public async Task Owner_on_known_device_logs_in_while_strangers_wait()
    {
        var authenticator = await SetUpAsync(app, await app.LogInAsync("ada"));
        var (owner, stranger) = (app.CreateClient(), app.CreateClient());
        var first = await CompleteAsync(owner, await ChallengeAsync(owner), authenticator.RecoveryCodes[0]);
        owner.DefaultRequestHeaders.Add("X-Device-Token", first.Headers.GetValues("X-Device-Token"));
        for (var guess = 0; guess < 10; guess++)
        {
            await CompleteAsync(stranger, await ChallengeAsync(stranger), "000000");
        }

        var late = await CompleteAsync(stranger, await ChallengeAsync(stranger), "000000");
        await late.ShouldBeProblemAsync(429, "too_many_requests");
        await (await CompleteAsync(owner, await ChallengeAsync(owner), authenticator.NextCode())).ShouldBePairAsync();

        // Its own failures count too: beyond ten it is a stranger.
        for (var guess = 0; guess < 10; guess++)
        {
            await CompleteAsync(owner, await ChallengeAsync(owner), "000000");
        }

        for (var guess = 0; guess < 12; guess++)
        {
            late = await CompleteAsync(owner, await ChallengeAsync(owner), "000000");
        }

        await late.ShouldBeProblemAsync(429, "too_many_requests");
    }

    [Fact]
    public async Task Challenge_that_is_void_counts_not_against_account()
    {
        var ada = await app.LogInAsync("ada");
        var authenticator = await SetUpAsync(app, ada);
        var http = app.CreateClient();
        var challenge = await ChallengeAsync(http);
        await (await ada.SendAsync(HttpMethod.Post, "/second-factors/recovery-codes")).ShouldBeJsonAsync();
        for (var guess = 0; guess < 12; guess++)
        {
            await (await CompleteAsync(http, challenge, "000000")).ShouldBeProblemAsync(401, "second_factor_invalid");
        }

        await (await CompleteAsync(http, await ChallengeAsync(http), authenticator.NextCode())).ShouldBePairAsync();
    }

    [Fact]
    public async Task Guesses_beyond_limit_take_quarter_of_hour_each()
    {
        await SetUpAsync(app, await app.LogInAsync("ada"));
        var (http, begin, tried) = (app.CreateClient(), app.Clock.GetUtcNow(), 0);
        while (tried < 60)
        {
            var answer = await CompleteAsync(http, await ChallengeAsync(http), "000000");
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                app.Clock.Advance(answer.Headers.RetryAfter!.Delta!.Value);
                continue;
            }

            tried++;
        }

        // Beyond the first ones, each guess costs a quarter of an hour.
        Assert.InRange(app.Clock.GetUtcNow() - begin, TimeSpan.FromHours(9), TimeSpan.FromHours(14));
    }

    [Fact]
    public async Task Ten_thousand_guesses_with_new_challenges_try_few_codes()
    {
        const int Guesses = 10_000;
        const int GuessesOfChallenge = 100;
        var authenticator = await SetUpAsync(app, await app.LogInAsync("ada"));
        var (http, challenge, tried) = (app.CreateClient(), "", 0);
        for (var guess = 0; guess < Guesses; guess++)
        {
            if (guess % GuessesOfChallenge == 0)
            {
                challenge = await ChallengeAsync(http);
                app.Clock.Advance(TimeSpan.FromSeconds(1));
            }

            // Of an app, or in the form of a recovery code. Both count.
            var code = guess % 2 == 0 ? "000000" : "7G4K-0PQZ-1XWM-9C2R";
            var answer = await CompleteAsync(http, challenge, code);
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests);
            tried += answer.StatusCode == HttpStatusCode.Unauthorized ? 1 : 0;

            // The first ten, and then one after delays of 1, 2, 4, 8, 16 and 32 seconds.
            Assert.True(tried <= 16, $"{tried} of {guess}");
        }

        Assert.True(tried > 10, $"{tried}");
        var right = await CompleteAsync(http, challenge, authenticator.RecoveryCodes[0]);
        await right.ShouldBeProblemAsync(429, "too_many_requests");
    }

    [Fact]
    public async Task Failures_are_counted_as_events_of_account()
    {
        var ada = await app.LogInAsync("ada");
        await SetUpAsync(app, ada);
        var http = app.CreateClient();
        var wrong = await CompleteAsync(http, await ChallengeAsync(http), "000000");
        await wrong.ShouldBeProblemAsync(401, "second_factor_invalid");
        await app.CountEventsAsync();
        var kinds = await app.InDatabaseAsync(db => db.Events.Select(e => e.Kind).ToListAsync(Ct));
        Assert.Contains(EventKind.SecondFactorAdded, kinds);
        Assert.Contains(EventKind.SecondFactorFailed, kinds);
    }
}
