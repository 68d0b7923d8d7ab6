using System.Net;
using System.Text.Json;
using AuthServer.Core;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;
using static AuthServer.Tests.Support.Browser;

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

    [Theory]
    [InlineData("body", "")]
    [InlineData("body", "?transport=header")]
    [InlineData("body", "?transport=cookie")]
    [InlineData("header", "?transport=body")]
    [InlineData("cookie", "")]
    [InlineData("cookie", "?transport=body")]
    [InlineData("cookie", "?transport=header")]
    public async Task New_pair_comes_by_transport_and_cookie_by_cookie_only(string place, string query)
    {
        var ada = await app.LogInAsync("ada");
        var answer = await ChangeFromAsync(Own, ada, place, query);
        answer.ShouldBe(HttpStatusCode.OK);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        var isCookie = place == "cookie" || query == "?transport=cookie";
        var isHeader = !isCookie && query == "?transport=header";
        Assert.Equal(!isCookie && !isHeader, body.TryGetProperty("refreshToken", out var inBody));
        Assert.Equal(isHeader, answer.Headers.TryGetValues("X-Refresh-Token", out var inHeader));
        var token = isCookie ? answer.ShouldSetCookie(1209600) : isHeader ? Assert.Single(inHeader!) : inBody.GetString()!;
        await ada.RefreshAsync(token);
    }

    [Theory]
    [InlineData("cookie", "")]
    [InlineData("body", "?transport=cookie")]
    public async Task Cookie_counts_from_trusted_pages_alone(string place, string query)
    {
        var ada = await app.LogInAsync("ada");
        foreach (var origin in new[] { "https://evil.example", "null", null })
        {
            await (await ChangeFromAsync(origin, ada, place, query)).ShouldBeProblemAsync(403, "cross_site");
        }

        await ShouldBeUnchangedAsync(ada);
    }

    [Fact]
    public async Task Token_of_another_session_or_none_of_ours_changes_nothing()
    {
        var (ada, phone, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        foreach (var other in new[] { phone, bob })
        {
            await (await ChangeAsync(ada, other.Pair.RefreshToken)).ShouldBeProblemAsync(400, "token_mismatch");
        }

        foreach (var forged in new[] { "", "x", new string('A', 72), ada.Pair.RefreshToken[..71] + "_", ada.Pair.AccessToken })
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

    [Fact]
    public async Task Refresh_concurrent_with_change_leaves_no_old_token_usable()
    {
        for (var round = 0; round < 10; round++)
        {
            var ada = await app.LogInAsync("ada" + round);
            var old = ada.Pair.RefreshToken;
            var (change, refresh) = (ChangeAsync(ada, old), ada.PresentAsync(old));
            await Task.WhenAll(change, refresh);
            var rotated = (await refresh).IsSuccessStatusCode ? (await (await refresh).ShouldBePairAsync()).RefreshToken : old;
            foreach (var token in new[] { old, rotated })
            {
                await (await ada.PresentAsync(token)).ShouldBeProblemAsync(401, "refresh_token_reused");
            }
        }
    }

    private static Task<HttpResponseMessage> ChangeAsync(
        LoggedInDevice device, string refreshToken, string currentPassword = Password) =>
        device.SendAsync(HttpMethod.Post, "/password", new { currentPassword, newPassword = NewPassword, refreshToken });

    private async Task<HttpResponseMessage> ChangeFromAsync(string? origin, LoggedInDevice device, string place, string query)
    {
        var token = device.Pair.RefreshToken;
        var (currentPassword, newPassword) = (Password, NewPassword);
        List<(string, string)> headers = [("Authorization", $"Bearer {device.Pair.AccessToken}")];
        if (place == "header")
        {
            headers.Add(("X-Refresh-Token", token));
        }

        object body = place == "body"
            ? new { currentPassword, newPassword, refreshToken = token }
            : new { currentPassword, newPassword };
        return await app.PostFromAsync(origin, "/password" + query, place == "cookie" ? token : null, body, [.. headers]);
    }

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
