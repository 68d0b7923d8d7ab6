using System.Net;
using AuthServer.Core;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>The refresh token that comes along with a change of password.</summary>
public sealed class PasswordTokenTests : IAsyncLifetime
{
    private const string NewPassword = "analytical engine number two";

    private readonly AuthServerApp app = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(29)]
    [InlineData(31)]
    public async Task Copy_made_before_is_reuse_at_once_and_later(int seconds)
    {
        var ada = await app.LogInAsync("ada");
        await ada.RefreshAsync();
        var copy = ada.Pair.RefreshToken;
        var pair = await (await ChangeAsync(ada, copy)).ShouldBePairAsync();
        Assert.Equal(ada.SessionId, pair.SessionId);
        Assert.Equal((3u, 2u), ((await app.RowOfAsync(ada)).Generation, (await app.RowOfAsync(ada)).NewestPresented));
        app.Clock.Advance(TimeSpan.FromSeconds(seconds));
        await (await ada.PresentAsync(copy)).ShouldBeProblemAsync(401, "refresh_token_reused");
        await (await ada.PresentAsync(pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_reused");
        await LogInWithAsync(NewPassword);
    }

    [Fact]
    public async Task New_pair_goes_on_and_other_sessions_have_ended()
    {
        var (laptop, phone) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        var pair = await (await ChangeAsync(laptop, laptop.Pair.RefreshToken)).ShouldBePairAsync();
        await (await phone.GetAsync("/me")).ShouldBeEndedAsync("password_changed");
        var next = await laptop.RefreshAsync(pair.RefreshToken);
        Assert.Equal(next.RefreshToken, (await laptop.RefreshAsync(pair.RefreshToken)).RefreshToken);
        (await laptop.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(19, true)]
    [InlineData(1, false)]
    public async Task Token_of_lost_answer_counts_if_refresh_would_accept_it(int seconds, bool isNewestPresented)
    {
        var ada = await app.LogInAsync("ada");
        var first = ada.Pair.RefreshToken;
        await ada.RefreshAsync();
        if (!isNewestPresented)
        {
            await ada.RefreshAsync();
        }

        app.Clock.Advance(TimeSpan.FromSeconds(seconds));
        var answer = await ChangeAsync(ada, first);
        if (isNewestPresented)
        {
            await answer.ShouldBePairAsync();
            await LogInWithAsync(NewPassword);
            return;
        }

        await answer.ShouldBeProblemAsync(401, "refresh_token_reused");
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("reused");
        await LogInWithAsync(Password);
        Assert.Single(app.Log.Lines, line => line.Event == "refresh_token_reused");
    }

    [Fact]
    public async Task Token_of_another_session_or_none_of_ours_changes_nothing()
    {
        var (ada, phone, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        foreach (var other in new[] { phone, bob })
        {
            await (await ChangeAsync(ada, other.Pair.RefreshToken)).ShouldBeProblemAsync(400, "token_mismatch");
        }

        var genuine = ada.Pair.RefreshToken;
        var changed = genuine[..^1] + (genuine.EndsWith('_') ? '-' : '_');
        foreach (var forged in new[] { "", "x", new string('A', 72), changed, ada.Pair.AccessToken })
        {
            await (await ChangeAsync(ada, forged)).ShouldBeProblemAsync(401, "refresh_token_invalid");
        }

        await phone.RefreshAsync();
        await bob.RefreshAsync();
        await ShouldBeUnchangedAsync(ada);
    }

    [Fact]
    public async Task Wrong_password_replaces_no_token()
    {
        var ada = await app.LogInAsync("ada");
        await (await ChangeAsync(ada, ada.Pair.RefreshToken, "wrong")).ShouldBeProblemAsync(401, "invalid_credentials");
        await ShouldBeUnchangedAsync(ada);
    }

    [Fact]
    public async Task Session_over_its_age_expires_and_changes_nothing()
    {
        var ada = await app.LogInAsync("ada");
        var old = app.Clock.GetUtcNow().AddDays(-14);
        await app.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(
            set => set.SetProperty(s => s.RotatedAt, old), TestContext.Current.CancellationToken));
        await (await ChangeAsync(ada, ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_expired");
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("expired");
        Assert.Equal(EndReason.Expired, (await app.RowOfAsync(ada)).EndReason);
        await LogInWithAsync(Password);
    }

    private static Task<HttpResponseMessage> ChangeAsync(
        LoggedInDevice device, string refreshToken, string currentPassword = Password) =>
        device.SendAsync(HttpMethod.Post, "/password", new { currentPassword, newPassword = NewPassword, refreshToken });

    private async Task LogInWithAsync(string password)
    {
        using var http = app.CreateClient();
        await (await http.PostAsync("/login", new { username = "ada", password })).ShouldBePairAsync();
    }

    private async Task ShouldBeUnchangedAsync(LoggedInDevice ada)
    {
        Assert.Equal(0u, (await app.RowOfAsync(ada)).Generation);
        await ada.RefreshAsync();
        await LogInWithAsync(Password);
    }
}
