using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The counts of failed logins, in memory and in the database.</summary>
public sealed class FailureCounterTests
{
    private const string Home = "203.0.113.5";
    private const string Away = "192.0.2.77";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restart_keeps_counts()
    {
        using var folder = new TempFolder();
        await using (var before = Guesses.NewApp(("Data:Directory", folder.Path)))
        {
            await before.GuessAsync("ada", 100, Guesses.Anywhere);
        }

        await using var after = Guesses.NewApp(("Data:Directory", folder.Path));
        (await after.TryAsync("ada", "wrong", Away)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Failures_that_wait_for_full_disk_count_and_are_written_later()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(services =>
        {
            Guesses.AddTo(services);
            probe.AddTo(services);
        });
        using var http = ClientAddresses.Create(app, Away);
        var guess = new { username = "ada", password = "wrong" };
        probe.CommitFault = TestDatabase.Full;
        for (var i = 0; i < 100; i++)
        {
            (await http.PostAsync("/login", guess)).ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await http.PostAsync("/login", guess)).ShouldBe(HttpStatusCode.TooManyRequests);
        Assert.Empty(await app.InDatabaseAsync(db => db.FailureCounts.ToListAsync(Ct)));
        probe.CommitFault = null;
        await app.SettleAsync();
        var emptyAt = await app.InDatabaseAsync(db => db.FailureCounts.MaxAsync(count => count.EmptyAt, Ct));
        Assert.Equal(TimeSpan.FromHours(25), emptyAt - app.Clock.GetUtcNow());
    }

    [Fact]
    public async Task Failures_beyond_buckets_that_may_wait_are_logged_as_not_counted()
    {
        const int Capacity = 8192;
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        var fade = TimeSpan.FromMinutes(15);
        var keys = Enumerable.Range(0, Capacity + 2).Select(_ => new FailureKey(Guid.NewGuid(), fade)).ToList();
        using (var attempt = await app.Get<FailureCounter>().BeginAsync(keys, _ => keys, Ct))
        {
            probe.CommitFault = TestDatabase.Full;
            attempt!.Fail();
        }

        // The first ones that can't be written are given up, until few enough are left to be tried again.
        await Eventually.BecomesAsync(() => app.Log.Lines.Count(line => line.Event == "failures_not_counted") == 3);
        probe.CommitFault = null;
        await app.SettleAsync();
        Assert.Equal(Capacity - 1, await app.InDatabaseAsync(db => db.FailureCounts.CountAsync(Ct)));
    }

    [Fact]
    public async Task Buckets_leave_memory_when_they_are_written()
    {
        await using var app = Guesses.NewApp(new FailureLimits { Account = FailureLimits.OfAccount(2) });
        await app.LogInAtAsync("ada", Home);
        await app.GuessAsync("ada", 3, Guesses.Anywhere);
        await app.LogInAtAsync("ada", Home);
        Assert.Equal(0, app.Get<FailureCounter>().Count);
    }

    [Fact]
    public async Task Name_that_does_not_exist_is_never_stored()
    {
        using var folder = new TempFolder();
        await using (var app = Guesses.NewApp(("Data:Directory", folder.Path)))
        {
            await app.GuessAsync("nonexistent-name", 3, _ => "198.51.100.23");
        }

        var content = await TestDatabase.ContentAsync(folder.Path);
        Assert.DoesNotContain("nonexistent-name", content, StringComparison.Ordinal);
        await TestDatabase.RemoveAsync(folder.Path);
    }
}
