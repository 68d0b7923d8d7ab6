using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>New proofs of who the user of a session is.</summary>
public sealed class ReauthenticationTests : IAsyncLifetime
{
    private readonly AuthServerApp app = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task New_pair_has_moment_of_new_proof_through_all_refreshes()
    {
        var ada = await LogInBeforeAsync(TimeSpan.FromMilliseconds(61_999));
        var now = app.Clock.GetUtcNow();
        var pair = await (await ReauthenticateAsync(ada, ada.Pair.RefreshToken)).ShouldBePairAsync();
        Assert.Equal(ada.SessionId, pair.SessionId);
        var fresh = new LoggedInDevice(ada.Http, pair);
        for (var refresh = 0; refresh < 3; refresh++)
        {
            Assert.Equal(now.ToUnixTimeSeconds(), AuthTimeOf(fresh));
            Assert.Equal("[\"pwd\"]", fresh.Claims.GetProperty("amr").GetRawText());
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            await fresh.RefreshAsync();
        }

        var row = await app.RowOfAsync(ada);
        Assert.Equal((now, AuthenticationMethods.Password), (row.AuthenticatedAt, row.Methods));
    }

    [Fact]
    public async Task Without_refresh_token_next_refresh_has_moment_of_new_proof()
    {
        var ada = await LogInBeforeAsync(TimeSpan.FromMinutes(5));
        var now = app.Clock.GetUtcNow();
        (await ReauthenticateAsync(ada)).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal(1u, (await app.RowOfAsync(ada)).Generation);
        app.Clock.Advance(TimeSpan.FromSeconds(19));
        await ada.RefreshAsync();
        Assert.Equal(now.ToUnixTimeSeconds(), AuthTimeOf(ada));
        Assert.Equal(2u, (await app.RowOfAsync(ada)).Generation);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(29)]
    [InlineData(31)]
    public async Task Copy_made_before_is_reuse_at_once_and_later(int seconds)
    {
        var ada = await app.LogInAsync("ada");
        await ada.RefreshAsync();
        var copy = ada.Pair.RefreshToken;
        var pair = await (await ReauthenticateAsync(ada, copy)).ShouldBePairAsync();
        var row = await app.RowOfAsync(ada);
        Assert.Equal((3u, 2u), (row.Generation, row.NewestPresented));
        app.Clock.Advance(TimeSpan.FromSeconds(seconds));
        await (await ada.PresentAsync(copy)).ShouldBeProblemAsync(401, "refresh_token_reused");
        await (await ada.PresentAsync(pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_reused");
    }

    [Fact]
    public async Task Session_and_its_access_token_go_on_and_others_are_left_alone()
    {
        var (laptop, phone) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        var loggedIn = AuthTimeOf(phone);
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        var pair = await (await ReauthenticateAsync(laptop, laptop.Pair.RefreshToken)).ShouldBePairAsync();
        (await laptop.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await laptop.RefreshAsync(pair.RefreshToken);
        await phone.RefreshAsync();
        Assert.Equal(loggedIn, AuthTimeOf(phone));
        (await ReauthenticateAsync(laptop)).ShouldBe(HttpStatusCode.NoContent);
        await laptop.RefreshAsync();
    }

    [Fact]
    public async Task Wrong_password_proves_nothing_and_is_counted_as_failed_login()
    {
        var ada = await LogInBeforeAsync(TimeSpan.FromMinutes(1));
        var loggedIn = AuthTimeOf(ada);
        foreach (var refreshToken in new[] { ada.Pair.RefreshToken, null })
        {
            var refused = await ReauthenticateAsync(ada, refreshToken, "wrong");
            await refused.ShouldBeProblemAsync(401, "invalid_credentials");
        }

        await ShouldBeUnchangedAsync(ada, loggedIn);
        var row = Assert.Single(await app.CountedAsync());
        Assert.Equal(
            (EventKind.LoginFailed, ada.Claims.GetProperty("sub").GetGuid(), 2), (row.Kind, row.UserId!.Value, row.Count));
        Assert.DoesNotContain(app.Log.Lines, line => line.Event == "reauthenticated");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Password_that_is_missing_is_named(string? password)
    {
        var ada = await app.LogInAsync("ada");
        await (await ReauthenticateAsync(ada, ada.Pair.RefreshToken, password)).ShouldBeInvalidAsync("password");
    }

    [Fact]
    public async Task Proof_without_access_token_of_live_session_is_refused()
    {
        var ada = await app.LogInAsync("ada");
        var anonymous = await ada.Http.PostAsync("/reauthenticate", new { Password, ada.Pair.RefreshToken });
        await anonymous.ShouldBeProblemAsync(401, "access_token_missing");
        await ada.LogoutAsync();
        await (await ReauthenticateAsync(ada, ada.Pair.RefreshToken)).ShouldBeEndedAsync("logout");
        await (await ReauthenticateAsync(ada)).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Proof_whose_session_ends_first_or_whose_stamp_is_old_changes_nothing()
    {
        var (ada, phone) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        var user = await app.InDatabaseAsync(db => db.Users.AsNoTracking().SingleAsync(Ct));
        var later = app.Clock.GetUtcNow().AddMinutes(1);
        var proof = new AuthenticationProof(user.Id, AuthenticationMethods.Password, later, user.SecurityStamp);
        await phone.LogoutAsync();
        var ended = new SessionProof(proof, phone.SessionId, null, new ClientInfo(null, null));
        var sessions = app.Get<SessionStore>();
        Assert.Equal(new AskingSessionEnded(EndReason.Logout), await sessions.ReauthenticateAsync(ended, Ct));
        var old = ended with { SessionId = ada.SessionId, Proof = proof with { SecurityStamp = Guid.NewGuid() } };
        Assert.IsType<SessionProofVoid>(await sessions.ReauthenticateAsync(old, Ct));
        Assert.NotEqual(later, (await app.RowOfAsync(ada)).AuthenticatedAt);
        Assert.NotEqual(later, (await app.RowOfAsync(phone)).AuthenticatedAt);
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.Reauthenticated, Ct)));

        var newer = new SessionProof(proof, ada.SessionId, null, new ClientInfo(null, null));
        Assert.IsType<SessionProofUsed>(await sessions.ReauthenticateAsync(newer, Ct));
        Assert.Equal(later, (await app.RowOfAsync(ada)).AuthenticatedAt);
    }

    [Fact]
    public async Task Session_over_its_age_expires_and_keeps_its_proof()
    {
        var ada = await app.LogInAsync("ada");
        var before = await app.RowOfAsync(ada);
        var old = app.Clock.GetUtcNow().AddDays(-14);
        await app.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.RotatedAt, old), Ct));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await ReauthenticateAsync(ada, ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_expired");
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("expired");
        var after = await app.RowOfAsync(ada);
        Assert.Equal((EndReason.Expired, before.AuthenticatedAt), (after.EndReason, after.AuthenticatedAt));
    }

    [Fact]
    public async Task Token_of_another_session_or_none_of_ours_changes_nothing()
    {
        var (ada, phone, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        foreach (var other in new[] { phone, bob })
        {
            await (await ReauthenticateAsync(ada, other.Pair.RefreshToken)).ShouldBeProblemAsync(400, "token_mismatch");
        }

        await (await ReauthenticateAsync(ada, "x")).ShouldBeProblemAsync(401, "refresh_token_invalid");
        await phone.RefreshAsync();
        await bob.RefreshAsync();
        await ShouldBeUnchangedAsync(ada, AuthTimeOf(ada));
    }

    [Fact]
    public async Task Refresh_concurrent_with_new_proof_loses_neither()
    {
        var ada = await app.LogInAsync("ada");
        for (var round = 0; round < 10; round++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            var (proof, refresh) = (ReauthenticateAsync(ada), ada.PresentAsync(ada.Pair.RefreshToken));
            (await proof).ShouldBe(HttpStatusCode.NoContent);
            await ada.RefreshAsync((await (await refresh).ShouldBePairAsync()).RefreshToken);
            Assert.Equal(app.Clock.GetUtcNow().ToUnixTimeSeconds(), AuthTimeOf(ada));
            Assert.Equal(2 * (uint)(round + 1), (await app.RowOfAsync(ada)).Generation);
        }
    }

    // Its access token is new, and its proof is as old as given.
    private async Task<LoggedInDevice> LogInBeforeAsync(TimeSpan age)
    {
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(age);
        await ada.RefreshAsync();
        return ada;
    }

    private static long AuthTimeOf(LoggedInDevice device) => device.Claims.GetProperty("auth_time").GetInt64();

    private static Task<HttpResponseMessage> ReauthenticateAsync(
        LoggedInDevice device, string? refreshToken = null, string? password = Password) =>
        device.SendAsync(HttpMethod.Post, "/reauthenticate", new { password, refreshToken });

    private async Task ShouldBeUnchangedAsync(LoggedInDevice device, long authTime)
    {
        var generation = (await app.RowOfAsync(device)).Generation;
        await device.RefreshAsync();
        Assert.Equal(authTime, AuthTimeOf(device));
        Assert.Equal(generation + 1, (await app.RowOfAsync(device)).Generation);
    }
}
