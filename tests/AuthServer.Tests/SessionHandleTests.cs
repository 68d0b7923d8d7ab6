using System.Net;
using AuthServer.Core;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Knowledge of a node about the sessions of cookies: when it reads them, and when it refuses a copy.</summary>
public sealed class SessionHandleTests : IAsyncDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(20);

    private readonly DatabaseProbe probe = new();
    private readonly AuthServerApp app;

    public SessionHandleTests() => app = new AuthServerApp(probe.AddTo);

    [Fact]
    public async Task Session_is_read_once_in_lifetime()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        await app.CountEventsAsync();
        var before = probe.Count;

        // Fewer than take a minute, after which tasks of the server read too.
        for (var lifetime = 1; lifetime <= 2; lifetime++)
        {
            var tabs = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => browser.GetAsync("/me")));
            Assert.All(tabs, answer => answer.ShouldBe(HttpStatusCode.OK));
            await browser.MeAsync();
            Assert.Equal(before + lifetime, probe.Count);
            app.Clock.Advance(Lifetime - TimeSpan.FromTicks(1));
            await browser.MeAsync();
            Assert.Equal(before + lifetime, probe.Count);
            app.Clock.Advance(TimeSpan.FromTicks(1));
        }
    }

    [Fact]
    public async Task Last_use_is_written_every_five_minutes()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var login = app.Clock.GetUtcNow();
        app.Clock.Advance(TimeSpan.FromSeconds(299));
        await browser.MeAsync();
        await app.Get<SessionCommandQueue>().EndAsync(Guid.NewGuid(), EndReason.Logout, null, new ClientInfo(null, null));
        Assert.Equal(login, await LastUseAsync(browser));
        for (var use = 1; use <= 2; use++)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(5));
            var now = app.Clock.GetUtcNow();
            await browser.SendAsync(HttpMethod.Get, "/me", origin: null, headers: ("User-Agent", $"Firefox/{use}"));
            await Eventually.BecomesAsync(async () => await LastUseAsync(browser) == now);
            Assert.Equal($"Firefox/{use}", await app.InDatabaseAsync(db => Task.FromResult(
                db.Sessions.Single(session => session.Id == browser.SessionId).UserAgent)));
        }
    }

    [Theory]
    [InlineData("14.00:00:00", "00:05:00")]
    [InlineData("00:10:00", "00:02:30")]
    [InlineData("00:01:00", "00:00:15")]
    public void Interval_of_written_uses_is_short_beside_idle_lifetime(string idle, string interval)
    {
        var policy = new SessionPolicy { IdleLifetime = TimeSpan.Parse(idle, null) };
        Assert.Equal(TimeSpan.Parse(interval, null), policy.UseInterval);
    }

    [Fact]
    public async Task Session_in_use_outlives_idle_lifetime_and_ends_with_absolute_one()
    {
        await using var other = new AuthServerApp(
            ("Sessions:IdleLifetime", "00:02:00"), ("Sessions:AbsoluteLifetime", "00:06:00"));
        var browser = await SessionBrowser.LogInAsync(other);
        for (var minute = 0; minute < 5; minute++)
        {
            other.Clock.Advance(TimeSpan.FromMinutes(1));
            await browser.MeAsync();
            await Eventually.BecomesAsync(async () => await LastUseAsync(browser, other) == other.Clock.GetUtcNow());
        }

        other.Clock.Advance(TimeSpan.FromMinutes(1));
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("expired");
    }

    [Fact]
    public async Task Idle_session_is_over_swept_or_not()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        app.Clock.Advance(TimeSpan.FromDays(14));
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("expired");
        await app.SweepAsync();
        app.Clock.Advance(Lifetime);
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("expired");
    }

    [Theory]
    [InlineData("/reauthenticate")]
    [InlineData("/password")]
    public async Task New_proof_makes_copies_void_at_once(string path)
    {
        var browser = await SessionBrowser.LogInAsync(app);
        await browser.MeAsync();
        var thief = browser.At(app);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        await (await browser.PostAsync(path, SessionBrowser.ProofFor(path))).ShouldBeJsonAsync();
        Assert.NotEqual(thief.Cookie, browser.Cookie);
        await browser.MeAsync();
        var refused = await thief.GetAsync("/me");
        await refused.ShouldBeProblemAsync(401, "session_invalid");

        // The thief's browser is the owner's other tab, which would lose the new cookie.
        Assert.Null(SessionBrowser.CookieOf(refused));
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await (await thief.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");
        Assert.Equal(browser.SessionId, (await browser.MeAsync()).GetProperty("sessionId").GetGuid());
    }

    [Fact]
    public async Task Reading_from_before_new_proof_does_not_count_after_it()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var thief = browser.At(app);
        app.Get<SessionEpochs>().Raise(new SessionEpoch(browser.SessionId, 1));
        await (await thief.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");
    }

    [Fact]
    public async Task Reading_from_before_notifications_were_lost_does_not_count()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        await browser.MeAsync();
        await app.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(
            set => set.SetProperty(session => session.Generation, 1u)));
        await browser.MeAsync();
        app.Get<SessionEpochs>().Reset();
        await (await browser.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");
    }

    [Fact]
    public async Task Reading_that_new_proof_overtakes_does_not_count()
    {
        var copy = (await SessionBrowser.LogInAsync(app)).At(app);
        var handles = app.Get<HandleService>();
        var refused = await handles.FindAsync(handles.Read(copy.Cookie!)!, () =>
        {
            // Asked for as the reading begins.
            app.Get<SessionEpochs>().Raise(new SessionEpoch(copy.SessionId, 1));
            return new ClientInfo(null, null);
        });
        Assert.Equal(ErrorCode.SessionInvalid, refused.Refusal?.Code);
    }

    [Theory]
    [InlineData(-3600, 20)]
    [InlineData(20, 0)]
    public async Task Clock_that_is_set_makes_no_reading_count_longer(int setBy, int elapsed)
    {
        var clock = new SetClock();
        await using var other = new AuthServerApp(clock.AddTo) { Clock = clock.Elapsed };
        var browser = await SessionBrowser.LogInAsync(other);
        await browser.MeAsync();
        await other.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.Disabled, true)));
        await browser.MeAsync();
        clock.SetAhead = TimeSpan.FromSeconds(setBy);
        clock.Elapsed.Advance(TimeSpan.FromSeconds(elapsed));
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("disabled");
    }

    [Fact]
    public async Task Form_that_is_sent_twice_keeps_session()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var tabs = Enumerable.Range(0, 4).Select(_ => browser.At(app)).ToList();
        var answers = await Task.WhenAll(tabs.Select(tab => tab.PostAsync("/reauthenticate", new { Password })));
        var proved = Assert.Single(tabs, tab => tab.Cookie != browser.Cookie);
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
        {
            await refused.ShouldBeProblemAsync(401, "session_invalid");
        }

        await proved.MeAsync();
    }

    [Fact]
    public async Task New_proof_leaves_refresh_cookie_of_other_session()
    {
        var (device, browser) = (await app.LogInAsync("ada"), await SessionBrowser.LogInAsync(app));
        browser.Cookie += $"; {Browser.Cookie}={device.Pair.RefreshToken}";
        await (await browser.PostAsync("/reauthenticate", new { Password })).ShouldBeJsonAsync();
        await browser.MeAsync();
        await device.RefreshAsync();
    }

    [Fact]
    public async Task Handle_newer_than_store_is_taken_up()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        await (await browser.PostAsync("/reauthenticate", new { Password })).ShouldBeJsonAsync();
        await app.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(
            set => set.SetProperty(session => session.Generation, 0u)));
        await browser.MeAsync();
        await Eventually.BecomesAsync(() => app.InDatabaseAsync(db => Task.FromResult(
            db.Sessions.Any(session => session.Id == browser.SessionId && session.Generation == 1))));

        // The line follows the commit, and no caller waits for it.
        await Eventually.BecomesAsync(
            () => app.Log.Lines.Any(line => line.Text.Contains("lost writes", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Session_that_was_read_is_known_while_database_is_away()
    {
        var (known, unknown) = (await SessionBrowser.LogInAsync(app), await SessionBrowser.LogInAsync(app, "bob"));
        await known.MeAsync();
        probe.CommandFault = TestDatabase.Away;
        await known.MeAsync();
        await (await unknown.GetAsync("/me")).ShouldBeProblemAsync(503, "unavailable");
        probe.CommandFault = null;
        await unknown.MeAsync();
    }

    [Fact]
    public async Task Ended_session_is_known_as_such_while_database_is_away()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var copy = browser.At(app);
        (await browser.PostAsync("/logout")).ShouldBe(HttpStatusCode.NoContent);
        probe.CommandFault = TestDatabase.Away;
        await (await copy.GetAsync("/me")).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Session_that_is_gone_is_invalid()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        await app.InDatabaseAsync(db => db.Sessions.ExecuteDeleteAsync());
        await (await browser.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");
    }

    [Fact]
    public async Task Disabled_account_is_refused_at_once()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var id = (await browser.MeAsync()).GetProperty("id").GetGuid();
        await app.Get<AccountStore>().SetDisabledAsync(id, disabled: true, TestContext.Current.CancellationToken);
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("disabled");
    }

    [Fact]
    public async Task Wrong_password_leaves_cookie()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var before = browser.Cookie;
        await (await browser.PostAsync("/reauthenticate", new { password = "wrong" }))
            .ShouldBeProblemAsync(401, "invalid_credentials");
        Assert.Equal(before, browser.Cookie);
        await browser.MeAsync();
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<DateTimeOffset> LastUseAsync(SessionBrowser browser, AuthServerApp? of = null) =>
        await (of ?? app).InDatabaseAsync(db => Task.FromResult(
            db.Sessions.Where(session => session.Id == browser.SessionId).Select(session => session.RotatedAt).Single()));
}
