using System.Net;
using AuthServer.Tests.Support;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>The ends of sessions of a cookie alone: by logout, and by another login of the browser.</summary>
public sealed class SessionCookieEndTests : IAsyncDisposable
{
    private readonly AuthServerApp app = new();

    [Fact]
    public async Task Logout_ends_session_and_expires_cookie()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var copy = browser.At(app);
        (await browser.PostAsync("/logout")).ShouldBe(HttpStatusCode.NoContent);
        Assert.Null(browser.Cookie);
        var refused = await copy.GetAsync("/me");
        await refused.ShouldBeEndedAsync("logout");

        // Its browser may have logged in again meanwhile, and would lose the new cookie.
        Assert.Null(SessionBrowser.CookieOf(refused));
        (await copy.PostAsync("/logout")).ShouldBe(HttpStatusCode.NoContent);
        copy.Cookie = "forged";
        (await copy.PostAsync("/logout")).ShouldBe(HttpStatusCode.NoContent);
        Assert.Null(copy.Cookie);
        await (await copy.PostAsync("/logout")).ShouldBeProblemAsync(401, "access_token_missing");
    }

    [Fact]
    public async Task Logout_ends_sessions_of_both_cookies_or_of_token_alone()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var (device, other) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        (await browser.PostAsync("/logout", new { other.Pair.RefreshToken })).ShouldBe(HttpStatusCode.NoContent);
        await browser.MeAsync();

        var both = $"{SessionBrowser.CookieName}={browser.Cookie}";
        var answer = await app.PostFromAsync(Browser.Own, "/logout", device.Pair.RefreshToken, headers: ("Cookie", both));
        answer.ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal([Browser.Cookie, SessionBrowser.CookieName], SessionBrowser.CookieNamesOf(answer));
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("logout");
        await (await device.GetAsync("/me")).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Login_replaces_session_of_cookie()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var (copy, first) = (browser.At(app), browser.Cookie);
        (await browser.PostAsync("/login?transport=session", new { username = "ada", Password })).ShouldBe(HttpStatusCode.OK);
        Assert.NotEqual(first, browser.Cookie);
        await browser.MeAsync();
        await (await copy.GetAsync("/me")).ShouldBeEndedAsync("replaced");
    }

    [Fact]
    public async Task Login_replaces_session_of_newest_cookie()
    {
        // Browsers send the newest one last.
        var (older, browser) = (await SessionBrowser.LogInAsync(app), await SessionBrowser.LogInAsync(app));
        var newest = browser.At(app);
        browser.Cookie = $"{older.Cookie}; {SessionBrowser.CookieName}={newest.Cookie}";
        (await browser.PostAsync("/login?transport=session", new { username = "ada", Password })).ShouldBe(HttpStatusCode.OK);
        await (await newest.GetAsync("/me")).ShouldBeEndedAsync("replaced");
        await older.MeAsync();
    }

    [Fact]
    public async Task New_proof_in_expired_session_is_refused()
    {
        // A caller is believed for an access lifetime, and the session expires meanwhile.
        await using var other = new AuthServerApp(
            ("Sessions:IdleLifetime", "00:06:00"), ("Sessions:AbsoluteLifetime", "00:06:00"));
        var browser = await SessionBrowser.LogInAsync(other);
        other.Clock.Advance(TimeSpan.FromMinutes(6) - TimeSpan.FromSeconds(10));
        await browser.MeAsync();
        other.Clock.Advance(TimeSpan.FromSeconds(10));
        await browser.MeAsync();
        await (await browser.PostAsync("/reauthenticate", new { Password })).ShouldBeEndedAsync("expired");
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
