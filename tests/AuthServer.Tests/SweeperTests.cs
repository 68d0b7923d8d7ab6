using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The sweeper, which leaves only live and recent rows.</summary>
public sealed class SweeperTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sweep_ends_expired_sessions_removes_old_ends_and_leaves_live_ones()
    {
        await using var app = new AuthServerApp();
        var old = await app.LogInAsync("ada");
        var loggedOut = await app.LogInAsync("ada");
        await loggedOut.LogoutAsync();
        app.Clock.Advance(TimeSpan.FromDays(14));
        var live = await app.LogInAsync("ada");
        await app.SweepAsync();
        Assert.Equal(EndReason.Expired, (await app.RowOfAsync(old)).EndReason);
        Assert.Null((await app.RowOfAsync(live)).EndReason);
        Assert.Equal(EndReason.Logout, (await app.RowOfAsync(loggedOut)).EndReason);

        await KeepAliveAsync(app, live, days: 17);
        await app.SweepAsync();
        Assert.Equal([old.SessionId, live.SessionId], await IdsAsync(app));
        await (await loggedOut.PresentAsync(loggedOut.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_invalid");

        await KeepAliveAsync(app, live, days: 14);
        await app.SweepAsync();
        Assert.Equal([live.SessionId], await IdsAsync(app));
        await live.RefreshAsync();
    }

    [Fact]
    public async Task Sweeper_runs_one_minute_after_start_and_every_ten_minutes()
    {
        await using var app = new AuthServerApp(("Sessions:IdleLifetime", "00:05:00"));
        foreach (var minutes in new[] { 1, 10, 10 })
        {
            var session = await app.LogInAsync("ada");
            var idleSince = app.Clock.GetUtcNow() - TimeSpan.FromMinutes(5);
            await app.InDatabaseAsync(db => db.Sessions.Where(s => s.Id == session.SessionId)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.RotatedAt, idleSince), Ct));
            app.Clock.Advance(TimeSpan.FromMinutes(minutes));
            while ((await app.RowOfAsync(session)).EndReason is null)
            {
                await Task.Yield();
            }
        }
    }

    [Theory]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(UnavailableException))]
    public async Task Sweep_that_fails_is_tried_again(Type fault)
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo, ("Sessions:IdleLifetime", "00:05:00"));
        var ada = await app.LogInAsync("ada");
        probe.CommandFault = fault == typeof(UnavailableException)
            ? new UnavailableException("away")
            : (Exception)Activator.CreateInstance(fault)!;
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        while (!app.Log.Lines.Any(line => line.Event == "SweepFailed"))
        {
            await Task.Yield();
        }

        probe.CommandFault = null;
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        while ((await app.RowOfAsync(ada)).EndReason is null)
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Sweep_takes_as_many_batches_as_needed_and_writes_log_back()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo, ("Events:Retention", "20.00:00:00"));
        var ada = await app.LogInAsync("ada");
        var row = await app.RowOfAsync(ada);
        await app.InDatabaseAsync(db =>
        {
            db.AddRange(Enumerable.Range(0, 450).Select(_ => new SessionRow
            {
                Id = Guid.NewGuid(),
                UserId = row.UserId,
                CreatedAt = row.CreatedAt,
                RotatedAt = row.RotatedAt,
            }));
            return db.SaveChangesAsync(Ct);
        });
        app.Clock.Advance(TimeSpan.FromDays(14));
        await app.SweepAsync();
        Assert.Equal(451, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Reason == EndReason.Expired, Ct)));
        app.Clock.Advance(TimeSpan.FromDays(31));
        await app.SweepAsync();
        var left = await app.InDatabaseAsync(async db => (await db.Sessions.CountAsync(Ct), await db.Events.CountAsync(Ct)));
        Assert.Equal((0, 0), left);
        Assert.Equal(1, probe.Checkpoints);
    }

    [Fact]
    public async Task Sweep_ends_session_behind_many_that_are_live()
    {
        await using var app = new AuthServerApp();
        var last = (await ManySessions.AddAsync(app, await app.LogInAsync("ada"), 2100))[^1];
        var idleSince = app.Clock.GetUtcNow() - TimeSpan.FromDays(14);
        await app.InDatabaseAsync(db => db.Sessions.Where(s => s.Id == last)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.RotatedAt, idleSince), Ct));
        await app.SweepAsync();
        var ended = await app.InDatabaseAsync(db => db.Sessions.Where(s => s.EndedAt != null).Select(s => s.Id).ToListAsync(Ct));
        Assert.Equal([last], ended);
    }

    [Fact]
    public async Task Events_are_kept_for_their_retention()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromDays(90));
        await app.SweepAsync();
        Assert.Contains(await KindsAsync(app), kind => kind == EventKind.Login);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await app.SweepAsync();
        Assert.DoesNotContain(await KindsAsync(app), kind => kind == EventKind.Login);
    }

    private static async Task KeepAliveAsync(AuthServerApp app, LoggedInDevice session, int days)
    {
        for (var day = 0; day < days; day++)
        {
            app.Clock.Advance(TimeSpan.FromDays(1));
            await session.RefreshAsync();
        }
    }

    private static Task<List<Guid>> IdsAsync(AuthServerApp app) =>
        app.InDatabaseAsync(db => db.Sessions.OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(Ct));

    private static Task<List<EventKind>> KindsAsync(AuthServerApp app) =>
        app.InDatabaseAsync(db => db.Events.Select(e => e.Kind).ToListAsync(Ct));
}
