using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>A guess at each of many accounts, and the bound of what is counted.</summary>
public sealed class SprayTests
{
    private const string Home = "203.0.113.5";
    private const string Away = "198.51.100.7";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spray_from_one_address_is_slowed_to_one_guess_per_minute()
    {
        await using var app = Guesses.NewApp();
        Assert.Equal(100, await SprayAsync(app, 150, _ => Home));
        for (var i = 0; i < 8; i++)
        {
            var refused = await app.TryAsync($"x{i}", "wrong", Home);
            refused.ShouldBe(HttpStatusCode.TooManyRequests);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            app.Clock.Advance(refused.Headers.RetryAfter!.Delta!.Value);
            (await app.TryAsync($"x{i}", "wrong", Home)).ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await app.TryAsync("ada", "wrong", "192.0.2.77")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Wider_networks_take_four_times_as_many_failures_each()
    {
        await using var app = Guesses.NewApp(new FailureLimits { Address = FailureLimits.OfAddress(5) });
        Assert.Equal(20, await SprayAsync(app, 30, i => $"203.0.113.{i}"));
        Assert.Equal(20, await SprayAsync(app, 30, i => $"2001:db8:0:{i:x}::1"));
        Assert.Equal(60, await SprayAsync(app, 100, i => $"2001:db8:0:{(i % 10) + 1:x}{i % 100:00}::1"));
    }

    [Fact]
    public async Task Known_device_is_not_held_by_failures_of_its_network()
    {
        await using var app = Guesses.NewApp();
        var device = await app.LogInAtAsync("ada", Home);
        await SprayAsync(app, 110, _ => Away);
        (await app.TryAsync("ada", AuthServerApp.Password, Away)).ShouldBe(HttpStatusCode.TooManyRequests);
        await app.LogInAtAsync("ada", Away, device);
        await app.GuessAsync("ada", 9, _ => Away, device);
    }

    [Fact]
    public async Task Owner_in_known_block_is_not_held_by_failures_of_its_network()
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", Home);
        await SprayAsync(app, 110, _ => Home);
        await app.LogInAtAsync("ada", Home);
    }

    [Fact]
    public async Task Success_does_not_empty_bucket_of_network()
    {
        await using var app = Guesses.NewApp();
        Assert.Equal(99, await SprayAsync(app, 99, _ => Home));
        await app.LogInAtAsync("ada", Home);
        Assert.Equal(1, await SprayAsync(app, 10, _ => Home));
    }

    [Fact]
    public async Task Failures_of_address_fade_by_one_per_minute()
    {
        await using var app = Guesses.NewApp();
        await SprayAsync(app, 100, _ => Home);
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(10, await SprayAsync(app, 20, _ => Home));
    }

    [Fact]
    public async Task Sweep_removes_what_has_faded()
    {
        await using var app = Guesses.NewApp();
        await SprayAsync(app, 3, i => Guesses.Anywhere(i));
        Assert.Equal(9, await CountAsync(app));
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        await app.SweepAsync();
        Assert.Equal(3, await CountAsync(app));
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await app.SweepAsync();
        Assert.Equal(0, await CountAsync(app));
    }

    [Fact]
    public async Task Sweep_keeps_100_000_buckets_with_latest_failures()
    {
        await using var app = Guesses.NewApp();
        var now = app.Clock.GetUtcNow();
        await app.InDatabaseAsync(async db =>
        {
            db.FailureCounts.AddRange(Enumerable.Range(0, Sweeper.MaxFailureCounts + 400).Select(i => new FailureCountRow
            {
                Id = Guid.NewGuid(),
                EmptyAt = now.AddDays(1),
                LastAt = now.AddSeconds(-i),
            }));
            return await db.SaveChangesAsync(Ct);
        });
        await app.SweepAsync();
        Assert.Equal(Sweeper.MaxFailureCounts, await CountAsync(app));
        Assert.Equal(
            now.AddSeconds(1 - Sweeper.MaxFailureCounts),
            await app.InDatabaseAsync(db => db.FailureCounts.MinAsync(count => count.LastAt, Ct)));
    }

    // One guess at each of many names. Returns how many were made.
    private static async Task<int> SprayAsync(AuthServerApp app, int times, Func<int, string> address)
    {
        var made = 0;
        for (var i = 0; i < times; i++)
        {
            made += (await app.TryAsync($"user-{i}", "wrong", address(i))).StatusCode == HttpStatusCode.Unauthorized ? 1 : 0;
        }

        return made;
    }

    private static Task<int> CountAsync(AuthServerApp app) => app.InDatabaseAsync(db => db.FailureCounts.CountAsync(Ct));
}
