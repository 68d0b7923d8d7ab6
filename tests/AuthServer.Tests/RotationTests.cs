using System.Net;
using AuthServer.Core;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>The rotation table of the contract, over HTTP.</summary>
public sealed class RotationTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task Refresh_gives_new_pair_whose_access_token_works()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var first = ada.Pair;
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");

        var second = await ada.RefreshAsync();
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
        Assert.Equal(first.SessionId, second.SessionId);
        Assert.Equal((20, 14 * 24 * 3600), (second.ExpiresIn, second.RefreshExpiresIn));
        Assert.Equal(72, second.RefreshToken.Length);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public async Task Retry_within_grace_gets_same_successor_and_fresh_access_token(int milliseconds)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var old = ada.Pair.RefreshToken;
        var first = await ada.RefreshAsync();
        var before = await app.RowOfAsync(ada);
        app.Clock.Advance(Grace + (milliseconds * Millisecond));

        var again = await (await ada.PresentAsync(old)).ShouldBePairAsync();
        Assert.Equal(first.RefreshToken, again.RefreshToken);
        Assert.NotEqual(first.AccessToken, again.AccessToken);
        Assert.Equivalent(before, await app.RowOfAsync(ada), strict: true);
    }

    [Fact]
    public async Task Lost_answer_is_given_again_after_36_seconds_offline()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var sent = ada.Pair.RefreshToken;
        var lost = await (await ada.PresentAsync(sent)).ShouldBePairAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(36));

        var pair = await ada.RefreshAsync(sent);
        Assert.NotEqual(lost.RefreshToken, pair.RefreshToken);
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(Grace + Millisecond);
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Late_retry_is_rotation_with_grace_of_its_own()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var sent = ada.Pair.RefreshToken;
        await ada.PresentAsync(sent);
        app.Clock.Advance(Grace + Millisecond);
        var first = await (await ada.PresentAsync(sent)).ShouldBePairAsync();
        var row = await app.RowOfAsync(ada);
        Assert.Equal((2u, 0u, app.Clock.GetUtcNow()), (row.Generation, row.NewestPresented, row.RotatedAt));
        app.Clock.Advance(Grace);

        var again = await (await ada.PresentAsync(sent)).ShouldBePairAsync();
        Assert.Equal(first.RefreshToken, again.RefreshToken);
        Assert.Equivalent(row, await app.RowOfAsync(ada), strict: true);
    }

    [Fact]
    public async Task Old_token_beside_its_owner_is_found_at_refresh_of_owner()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        var copied = laptop.Pair.RefreshToken;
        await laptop.RefreshAsync();
        app.Clock.Advance(Grace + Millisecond);
        await phone.RefreshAsync();
        var stolen = await (await laptop.PresentAsync(copied)).ShouldBePairAsync();
        app.Clock.Advance(Grace + Millisecond);

        await (await laptop.PresentAsync(laptop.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_reused");
        await (await laptop.PresentAsync(stolen.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_reused");
        await phone.RefreshAsync();
        (await phone.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        Assert.Contains(app.Log.Lines, line => line.Event == "refresh_token_reused");
    }

    [Theory]
    [InlineData("Sessions:LateRetries", "false")]
    [InlineData("Sessions:Grace", "00:00:00")]
    public async Task Late_retry_that_is_switched_off_is_reuse(string setting, string value)
    {
        await using var app = new AuthServerApp((setting, value));
        var ada = await app.LogInAsync("ada");
        var sent = ada.Pair.RefreshToken;
        await ada.RefreshAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(36));

        await (await ada.PresentAsync(sent)).ShouldBeProblemAsync(401, "refresh_token_reused");
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_reused");
    }

    [Fact]
    public async Task Grandparent_token_ends_its_session_at_once_on_private_routes_too()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        var grandparent = laptop.Pair.RefreshToken;
        await laptop.RefreshAsync();
        await laptop.RefreshAsync();
        (await laptop.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);

        await (await phone.PresentAsync(grandparent)).ShouldBeProblemAsync(401, "refresh_token_reused");
        await (await laptop.GetAsync("/me")).ShouldBeEndedAsync("reused");
        (await phone.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Grace_of_zero_makes_any_repeat_reuse()
    {
        await using var app = new AuthServerApp(("Sessions:Grace", "00:00:00"));
        var ada = await app.LogInAsync("ada");
        var old = ada.Pair.RefreshToken;
        await ada.RefreshAsync();
        await (await ada.PresentAsync(old)).ShouldBeProblemAsync(401, "refresh_token_reused");
    }

    [Fact]
    public async Task Session_that_stays_idle_expires_with_its_fourteenth_day()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromDays(14) - Millisecond);
        await ada.RefreshAsync();
        app.Clock.Advance(TimeSpan.FromDays(14));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_expired");
        await app.SweepAsync();
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_expired");
    }

    [Fact]
    public async Task Session_that_is_used_ends_with_its_ninetieth_day()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        for (var day = 10; day < 90; day += 10)
        {
            app.Clock.Advance(TimeSpan.FromDays(10));
            await ada.RefreshAsync();
        }

        Assert.Equal(10 * 24 * 3600, ada.Pair.RefreshExpiresIn);
        app.Clock.Advance(TimeSpan.FromDays(10) - Millisecond);
        await ada.RefreshAsync();
        app.Clock.Advance(Millisecond);
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_expired");
    }

    [Fact]
    public async Task Token_newer_than_stored_generation_advances_it()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var newer = new RefreshToken(ada.SessionId, 7).Encode(app.Get<ServerKeys>().Refresh);
        await (await ada.PresentAsync(newer)).ShouldBePairAsync();
        Assert.Equal(8u, (await app.RowOfAsync(ada)).Generation);
        Assert.Contains(app.Log.Lines, line => line.Event == "generation_recovered");
    }

    [Fact]
    public async Task Session_at_last_generation_ends_now_and_not_when_it_would_expire()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var last = new RefreshToken(ada.SessionId, uint.MaxValue).Encode(app.Get<ServerKeys>().Refresh);
        await (await ada.PresentAsync(last)).ShouldBeProblemAsync(401, "refresh_token_expired");
        var row = await app.RowOfAsync(ada);
        Assert.Equal((EndReason.Expired, app.Clock.GetUtcNow()), (row.EndReason, row.EndedAt));
    }

    [Fact]
    public async Task Role_change_counts_from_next_refresh()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await app.InDatabaseAsync(async db =>
        {
            db.Users.Single().Roles = ["admin", "editor"];
            return await db.SaveChangesAsync();
        });
        await ada.RefreshAsync();
        Assert.Equal(["admin", "editor"], ada.Claims.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        Assert.True(ada.Claims.GetProperty("admin").GetBoolean());
    }

    [Fact]
    public async Task Access_token_beside_refresh_token_must_be_of_same_session()
    {
        await using var app = new AuthServerApp();
        var laptop = await app.LogInAsync("ada");
        var phone = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromSeconds(60));
        var mixed = await laptop.SendAsync(HttpMethod.Post, "/refresh", new { phone.Pair.RefreshToken });
        await mixed.ShouldBeProblemAsync(400, "token_mismatch");
        Assert.Equal(0u, (await app.RowOfAsync(phone)).Generation);
        await (await laptop.SendAsync(HttpMethod.Post, "/refresh", new { laptop.Pair.RefreshToken })).ShouldBePairAsync();
    }

    [Theory]
    [InlineData("203.0.113.9", "laptop/1")]
    [InlineData(null, "laptop/2")]
    public async Task Retry_from_same_address_or_program_is_not_shared(string? address, string program)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var old = ada.Pair.RefreshToken;
        ada.Http.DefaultRequestHeaders.UserAgent.ParseAdd("laptop/1");
        await ada.RefreshAsync();
        await app.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(
            set => set.SetProperty(s => s.IpAddress, address).SetProperty(s => s.UserAgent, program)));
        await (await ada.PresentAsync(old)).ShouldBePairAsync();
        Assert.DoesNotContain(app.Log.Lines, line => line.Event == "refresh_shared");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(36)]
    public async Task Retry_from_elsewhere_is_logged_as_shared(int seconds)
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var old = ada.Pair.RefreshToken;
        ada.Http.DefaultRequestHeaders.UserAgent.ParseAdd("laptop/1");
        await ada.RefreshAsync();
        await (await ada.PresentAsync(old)).ShouldBePairAsync();
        Assert.DoesNotContain(app.Log.Lines, line => line.Event == "refresh_shared");

        await app.InDatabaseAsync(
            db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.IpAddress, "203.0.113.9")));
        ada.Http.DefaultRequestHeaders.Remove("User-Agent");
        ada.Http.DefaultRequestHeaders.UserAgent.ParseAdd("thief/1");
        app.Clock.Advance(seconds * TimeSpan.FromSeconds(1));
        await (await ada.PresentAsync(old)).ShouldBePairAsync();
        Assert.Contains(app.Log.Lines, line => line.Event == "refresh_shared");
    }
}
