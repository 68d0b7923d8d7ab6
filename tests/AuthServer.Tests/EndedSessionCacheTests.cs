using System.Net;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The cache of ended sessions, and the ends that reach it.</summary>
public sealed class EndedSessionCacheTests
{
    [Fact]
    public async Task End_is_remembered_for_one_access_lifetime_and_ten_seconds()
    {
        await using var app = new AuthServerApp();
        var ended = app.Get<EndedSessionCache>();
        var ada = await app.LogInAsync("ada");
        await ada.LogoutAsync();
        Assert.Equal(1, ended.Count);

        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await app.LogInAsync("bob");
        Assert.Equal(1, ended.Count);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await app.LogInAsync("carol");
        Assert.Equal(0, ended.Count);
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Fact]
    public async Task Restarted_server_refuses_tokens_of_sessions_that_just_ended()
    {
        using var folder = new TempFolder();
        LoggedInDevice ada;
        LoggedInDevice bob;
        var first = new AuthServerApp(("Data:Directory", folder.Path));
        await using (first)
        {
            ada = await first.LogInAsync("ada");
            bob = await first.LogInAsync("bob");
            await ada.LogoutAsync();
        }

        await using (var second = new AuthServerApp(("Data:Directory", folder.Path)) { Clock = first.Clock })
        {
            first.Clock.Advance(TimeSpan.FromSeconds(5));
            var http = second.CreateClient();
            await (await new LoggedInDevice(http, ada.Pair).GetAsync("/me")).ShouldBeEndedAsync("logout");
            (await new LoggedInDevice(http, bob.Pair).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
            await new LoggedInDevice(http, bob.Pair).RefreshAsync();
        }
    }

    [Fact]
    public async Task Restart_with_shorter_lifetime_revives_no_ended_session()
    {
        using var folder = new TempFolder();
        LoggedInDevice ada;
        var first = new AuthServerApp(("Data:Directory", folder.Path), ("Tokens:AccessLifetime", "00:05:00"));
        await using (first)
        {
            ada = await first.LogInAsync("ada");
            await ada.LogoutAsync();
        }

        first.Clock.Advance(TimeSpan.FromSeconds(10));
        await using var second = new AuthServerApp(("Data:Directory", folder.Path), ("Tokens:AccessLifetime", "00:00:02"))
        {
            Clock = first.Clock,
        };
        var refused = await new LoggedInDevice(second.CreateClient(), ada.Pair).GetAsync("/me");
        await refused.ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Fact]
    public async Task Clock_that_is_set_back_revives_no_ended_session()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        app.Clock.AdjustTime(app.Clock.GetUtcNow() - TimeSpan.FromSeconds(40));
        await ada.LogoutAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(41));
        await app.LogInAsync("bob");
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public void Clock_that_is_set_ahead_evicts_no_end()
    {
        var clock = new SetClock();
        var ended = new EndedSessionCache(new EndedSessionMemory(TimeSpan.FromSeconds(30)), clock);
        ended.OnEnded([new SessionEnd(Guid.NewGuid(), EndReason.Logout, clock.GetUtcNow())]);
        clock.SetAhead = TimeSpan.FromDays(1);
        clock.Elapsed.Advance(TimeSpan.FromSeconds(30));
        ended.OnEnded([]);
        Assert.Equal(1, ended.Count);
        clock.Elapsed.Advance(TimeSpan.FromMilliseconds(1));
        ended.OnEnded([]);
        Assert.Equal(0, ended.Count);
    }

    [Fact]
    public async Task Disabling_account_ends_all_its_sessions_at_once()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        var id = await app.InDatabaseAsync(db => db.Users.Select(u => u.Id).SingleAsync());
        Assert.Equal(
            AccountResult.Changed,
            await app.Get<AccountStore>().SetDisabledAsync(id, disabled: true, TestContext.Current.CancellationToken));
        foreach (var device in new[] { laptop, phone })
        {
            await (await device.GetAsync("/me")).ShouldBeEndedAsync("disabled");
            await (await device.PresentAsync(device.Pair.RefreshToken)).ShouldBeEndedAsync("disabled");
        }

        Assert.Equal(
            AccountResult.Changed,
            await app.Get<AccountStore>().SetDisabledAsync(id, disabled: false, TestContext.Current.CancellationToken));
        await app.LogInAsync("ada");
        var ct = TestContext.Current.CancellationToken;
        Assert.Equal(AccountResult.Void, await app.Get<AccountStore>().SetDisabledAsync(Guid.NewGuid(), disabled: true, ct));
    }

    [Fact]
    public async Task Account_disabled_in_database_loses_session_at_next_refresh()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(u => u.Disabled, true)));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeEndedAsync("disabled");
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("disabled");
    }

    [Fact]
    public async Task Token_from_future_is_refused()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var accepted = app.Clock.GetUtcNow() - EndedSessionMemory.ClockTolerance;
        app.Clock.AdjustTime(accepted - TimeSpan.FromSeconds(1));

        // It would outlive the memory of its session's end.
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_invalid");
        app.Clock.AdjustTime(accepted);
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }
}
