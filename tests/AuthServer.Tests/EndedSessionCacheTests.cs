using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The memory of ended sessions, and what fills it.</summary>
public sealed class EndedSessionCacheTests
{
    [Fact]
    public async Task Memory_lasts_one_access_lifetime_and_five_seconds()
    {
        await using var app = new AuthServerApp();
        var ended = app.Get<EndedSessionCache>();
        var ada = await app.SignInAsync("ada");
        await ada.LogoutAsync();
        Assert.Equal(1, ended.Count);

        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await app.SignInAsync("bob");
        Assert.Equal(1, ended.Count);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await app.SignInAsync("carol");
        Assert.Equal(0, ended.Count);
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Fact]
    public async Task Server_that_starts_again_still_refuses_tokens_of_sessions_that_just_ended()
    {
        using var folder = new TempFolder();
        SignedIn ada;
        SignedIn bob;
        var first = new AuthServerApp(("Data:Directory", folder.Path));
        await using (first)
        {
            ada = await first.SignInAsync("ada");
            bob = await first.SignInAsync("bob");
            await ada.LogoutAsync();
        }

        await using (var second = new AuthServerApp(("Data:Directory", folder.Path)) { Clock = first.Clock })
        {
            first.Clock.Advance(TimeSpan.FromSeconds(5));
            var http = second.CreateClient();
            await (await new SignedIn(http, ada.Pair).GetAsync("/me")).ShouldBeEndedAsync("logout");
            (await new SignedIn(http, bob.Pair).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
            await new SignedIn(http, bob.Pair).RefreshAsync();
        }
    }

    [Fact]
    public async Task Server_that_starts_again_with_a_shorter_access_lifetime_brings_no_ended_session_back()
    {
        using var folder = new TempFolder();
        SignedIn ada;
        var first = new AuthServerApp(("Data:Directory", folder.Path), ("Tokens:AccessLifetime", "00:05:00"));
        await using (first)
        {
            ada = await first.SignInAsync("ada");
            await ada.LogoutAsync();
        }

        first.Clock.Advance(TimeSpan.FromSeconds(10));
        await using var second = new AuthServerApp(("Data:Directory", folder.Path), ("Tokens:AccessLifetime", "00:00:02")) { Clock = first.Clock };
        await (await new SignedIn(second.CreateClient(), ada.Pair).GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Fact]
    public async Task Clock_that_is_set_back_brings_no_ended_session_back()
    {
        await using var app = new AuthServerApp();
        var ada = await app.SignInAsync("ada");
        app.Clock.AdjustTime(app.Clock.GetUtcNow() - TimeSpan.FromSeconds(40));
        await ada.LogoutAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(41));
        await app.SignInAsync("bob");
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Disabled_account_is_out_on_all_devices_at_once()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.SignInAsync("ada");
        var phone = await app.SignInAsync("ada");
        var id = await app.InDatabaseAsync(db => db.Users.Select(u => u.Id).SingleAsync());
        Assert.True(await app.Get<AccountStore>().SetDisabledAsync(id, disabled: true, TestContext.Current.CancellationToken));
        foreach (var device in new[] { laptop, phone })
        {
            await (await device.GetAsync("/me")).ShouldBeEndedAsync("disabled");
            await (await device.PresentAsync(device.Pair.RefreshToken)).ShouldBeEndedAsync("disabled");
        }

        Assert.True(await app.Get<AccountStore>().SetDisabledAsync(id, disabled: false, TestContext.Current.CancellationToken));
        await app.SignInAsync("ada");
        Assert.False(await app.Get<AccountStore>().SetDisabledAsync(Guid.NewGuid(), disabled: true, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Account_disabled_past_the_server_loses_its_session_with_the_next_refresh()
    {
        await using var app = new AuthServerApp();
        var ada = await app.SignInAsync("ada");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(set => set.SetProperty(u => u.Disabled, true)));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeEndedAsync("disabled");
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("disabled");
    }

    [Fact]
    public async Task Token_from_the_future_is_refused_or_it_would_outlive_the_memory_of_its_end()
    {
        await using var app = new AuthServerApp();
        var ada = await app.SignInAsync("ada");
        await using var earlier = new AuthServerApp(("Keys:Directory", Path.Combine(app.DataDirectory, "keys")))
        {
            Clock = new(app.Clock.GetUtcNow() - EndedSessionMemory.ClockTolerance - TimeSpan.FromSeconds(1)),
        };
        await (await new SignedIn(earlier.CreateClient(), ada.Pair).GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_invalid");
        earlier.Clock.Advance(TimeSpan.FromSeconds(1));
        (await new SignedIn(earlier.CreateClient(), ada.Pair).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }
}
