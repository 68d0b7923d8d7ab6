using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>The first password of an account that has none.</summary>
public sealed class FirstPasswordTests : IAsyncDisposable
{
    private const string New = "several unrelated words";
    private const string Route = "/password";

    private readonly AuthServerApp app = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Fresh_session_sets_it_and_is_only_one_left()
    {
        var (ada, phone) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        await RemovePasswordAsync();
        (await ada.SendAsync(HttpMethod.Post, Route, new { newPassword = New })).ShouldBe(HttpStatusCode.NoContent);
        await (await phone.GetAsync("/me")).ShouldBeEndedAsync("password_changed");
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        var login = await app.CreateClient().PostAsync("/login", new { username = "ada", password = New });
        await login.ShouldBePairAsync();
        Assert.Contains(
            EventKind.PasswordChanged, await app.InDatabaseAsync(db => db.Events.Select(e => e.Kind).ToListAsync(Ct)));
    }

    [Fact]
    public async Task Refresh_token_that_comes_along_is_replaced()
    {
        var ada = await app.LogInAsync("ada");
        await RemovePasswordAsync();
        var (before, authTime) = (ada.Pair.RefreshToken, ada.Claims.GetProperty("auth_time").GetInt64());
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        var answer = await ada.SendAsync(HttpMethod.Post, Route, new { newPassword = New, refreshToken = before });
        var pair = await answer.ShouldBePairAsync();
        await ada.RefreshAsync(pair.RefreshToken);
        Assert.Equal(authTime, ada.Claims.GetProperty("auth_time").GetInt64());
        await (await ada.PresentAsync(before)).ShouldBeProblemAsync(401, "refresh_token_reused");
    }

    [Fact]
    public async Task Session_cookie_is_replaced()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        await RemovePasswordAsync();
        var copy = browser.At(app);
        (await browser.PostAsync(Route, new { newPassword = New })).ShouldBe(HttpStatusCode.OK);
        await browser.MeAsync();
        await (await copy.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");
    }

    [Fact]
    public async Task Old_proof_sets_none()
    {
        var ada = await app.LogInAsync("ada");
        await RemovePasswordAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        var refused = await ada.SendAsync(HttpMethod.Post, Route, new { newPassword = New });
        await refused.ShouldBeProblemAsync(403, "reauthentication_required");
        Assert.True(await app.InDatabaseAsync(db => db.Users.AnyAsync(u => u.PasswordHash == UserRow.NoPassword, Ct)));
    }

    [Fact]
    public async Task Account_with_password_needs_current_one()
    {
        var ada = await app.LogInAsync("ada");
        await (await ada.SendAsync(HttpMethod.Post, Route, new { newPassword = New })).ShouldBeInvalidAsync("currentPassword");
        await RemovePasswordAsync();
        await (await ada.SendAsync(HttpMethod.Post, Route, new { newPassword = "x" })).ShouldBeInvalidAsync("newPassword");
        (await ada.SendAsync(HttpMethod.Post, Route, new { newPassword = New })).ShouldBe(HttpStatusCode.NoContent);
        var again = await ada.SendAsync(HttpMethod.Post, Route, new { newPassword = New + " again" });
        await again.ShouldBeInvalidAsync("currentPassword");
    }

    [Fact]
    public async Task Current_password_of_account_without_one_is_wrong()
    {
        var ada = await app.LogInAsync("ada");
        await RemovePasswordAsync();
        foreach (var currentPassword in new[] { "", Password, UserRow.NoPassword })
        {
            var refused = await ada.SendAsync(HttpMethod.Post, Route, new { currentPassword, newPassword = New });
            await refused.ShouldBeProblemAsync(401, "invalid_credentials");
        }
    }

    private Task<int> RemovePasswordAsync() => app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
        set => set.SetProperty(user => user.PasswordHash, UserRow.NoPassword), Ct));
}
