using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The limit of sessions per user, with users that have many more than it allows.</summary>
public sealed class SessionLimitTests
{
    private const int Many = (2 * WriteTransaction.MaxEnds) + 10;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Limit_is_one_hundred_unless_set()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await ManySessions.AddAsync(app, ada, 99);
        var newest = await app.LogInAsync("ada");
        Assert.Equal(100, await ManySessions.LiveAsync(app, newest));
    }

    [Fact]
    public async Task Login_under_new_limit_displaces_any_number_in_batches()
    {
        var (pause, probe) = (new EndPause(), new DatabaseProbe());
        await using var app = new AuthServerApp(
            services =>
            {
                pause.AddTo(services);
                probe.AddTo(services);
            },
            ("Sessions:MaxPerUser", "3"));
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        var ids = await ManySessions.AddAsync(app, ada, Many);
        pause.AfterFirst = async () => await bob.RefreshAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var newest = await app.LogInAsync("ada");

        Assert.Equal(WriteTransaction.MaxEnds, probe.MostEnds);
        var live = await app.InDatabaseAsync(db => db.Sessions
            .Where(s => s.EndedAt == null && s.Id != bob.SessionId).OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(Ct));
        Guid[] expected = [.. ids.Append(ada.SessionId).Order().TakeLast(2), newest.SessionId];
        Assert.Equal(expected, live);
        Assert.Equal(Many - 1, await EndedAsync(app, EndReason.Displaced));
    }

    [Fact]
    public async Task Login_refused_under_new_limit_ends_nothing()
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "3"), ("Sessions:WhenFull", "refuse"));
        var ada = await app.LogInAsync("ada");
        await ManySessions.AddAsync(app, ada, Many);
        var login = await app.CreateClient().PostAsync("/login", new { username = "ada", password = AuthServerApp.Password });
        await login.ShouldBeProblemAsync(409, "too_many_sessions");
        Assert.Equal(Many + 1, await ManySessions.LiveAsync(app, ada));
    }

    [Theory]
    [InlineData("displace")]
    [InlineData("refuse")]
    public async Task Sessions_over_their_age_displace_none(string whenFull)
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "3"), ("Sessions:WhenFull", whenFull));
        var old = await app.LogInAsync("ada");
        await ManySessions.AddAsync(app, old, Many);
        app.Clock.Advance(TimeSpan.FromDays(14));
        foreach (var device in new[] { await app.LogInAsync("ada"), await app.LogInAsync("ada"), await app.LogInAsync("ada") })
        {
            await device.RefreshAsync();
        }

        Assert.Equal(0, await EndedAsync(app, EndReason.Displaced));

        // The sweeper ends those that the logins leave, because the clock has moved.
        await Eventually.BecomesAsync(async () => await EndedAsync(app, EndReason.Expired) == Many + 1);
    }

    [Fact]
    public async Task Sessions_beyond_those_that_login_loads_are_displaced_too()
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "3"));

        // The oldest, which a login loads first, are over their age.
        await ManySessions.AddAsync(app, await app.LogInAsync("ada"), 100);
        await ExpireAsync(app, []);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await ManySessions.AddAsync(app, await app.LogInAsync("ada"), 200);
        await app.LogInAsync("ada");
        Assert.Equal(198 + 1, await EndedAsync(app, EndReason.Displaced));
        Assert.Equal(101, await EndedAsync(app, EndReason.Expired));
    }

    [Fact]
    public async Task Sessions_over_their_age_displace_none_that_is_older()
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "3"));
        var ids = await ManySessions.AddAsync(app, await app.LogInAsync("ada"), 200);
        await ExpireAsync(app, ids[..2]);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await app.LogInAsync("ada");
        Assert.Equal(0, await EndedAsync(app, EndReason.Displaced));
        Assert.Equal(199, await EndedAsync(app, EndReason.Expired));
    }

    // As if they had not been used for 14 days.
    private static Task<int> ExpireAsync(AuthServerApp app, IReadOnlyCollection<Guid> except)
    {
        var idleSince = app.Clock.GetUtcNow() - TimeSpan.FromDays(14);
        return app.InDatabaseAsync(db => db.Sessions.Where(s => !except.Contains(s.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.RotatedAt, idleSince), Ct));
    }

    private static Task<int> EndedAsync(AuthServerApp app, EndReason reason) =>
        app.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.EndReason == reason, Ct));
}
