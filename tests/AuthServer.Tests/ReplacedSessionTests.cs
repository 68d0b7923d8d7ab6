using System.Net;
using AuthServer.Core;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;
using static AuthServer.Tests.Support.Browser;

namespace AuthServer.Tests;

/// <summary>A login by cookie, in a browser that still has the cookie of an earlier session.</summary>
public sealed class ReplacedSessionTests
{
    private const string ByCookie = "/login?transport=cookie";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Former user, next user, and a limit of sessions per user.</summary>
    public static TheoryData<string, string, string> Users => new()
    {
        { "ada", "ada", "100" },
        { "eve", "ada", "100" },
        { "ada", "ada", "0" },
        { "eve", "ada", "0" },
    };

    [Theory]
    [MemberData(nameof(Users))]
    public async Task Login_by_cookie_ends_session_it_replaces(string former, string next, string limit)
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", limit));
        var phone = await app.LogInAsync("ada");
        var browser = await app.LogInAsync(former);
        (await browser.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);

        var login = await LogInByCookieAsync(app, next, browser.Pair.RefreshToken);
        login.ShouldBe(HttpStatusCode.OK);
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("replaced");
        await (await browser.PresentAsync(browser.Pair.RefreshToken)).ShouldBeEndedAsync("replaced");
        (await phone.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        (await app.PostFromAsync(Own, "/refresh", login.ShouldSetCookie(1_209_600))).ShouldBe(HttpStatusCode.OK);

        var (id, user) = (browser.SessionId, browser.Claims.GetProperty("sub").GetGuid());
        var ended = await app.InDatabaseAsync(db => db.Events.SingleAsync(e => e.Kind == EventKind.SessionEnded, Ct));
        Assert.Equal((id, user, EndReason.Replaced), (ended.SessionId, ended.UserId, ended.Reason));
    }

    [Fact]
    public async Task Cookie_of_older_generation_is_replaced_too()
    {
        await using var app = new AuthServerApp();
        var browser = await app.LogInAsync("ada");
        var older = browser.Pair.RefreshToken;
        await browser.RefreshAsync();
        await browser.RefreshAsync();
        (await LogInByCookieAsync(app, "ada", older)).ShouldBe(HttpStatusCode.OK);
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("replaced");
    }

    [Theory]
    [InlineData("displace")]
    [InlineData("refuse")]
    public async Task Full_account_admits_login_that_replaces_its_own_session(string whenFull)
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "1"), ("Sessions:WhenFull", whenFull));
        var browser = await app.LogInAsync("ada");
        (await LogInByCookieAsync(app, "ada", browser.Pair.RefreshToken)).ShouldBe(HttpStatusCode.OK);
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("replaced");
    }

    [Fact]
    public async Task Cookie_of_another_user_makes_no_room_in_full_account()
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "1"), ("Sessions:WhenFull", "refuse"));
        await app.LogInAsync("ada");
        var eve = await app.LogInAsync("eve");
        var login = await LogInByCookieAsync(app, "ada", eve.Pair.RefreshToken);
        await login.ShouldBeProblemAsync(409, "too_many_sessions");
        (await eve.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/login?transport=cookie", "wrong", Own, 401)]
    [InlineData("/login?transport=cookie", "", Own, 400)]
    [InlineData("/login?transport=cookie", Password, "https://evil.example", 403)]
    [InlineData("/login?transport=cookies", Password, Own, 400)]
    [InlineData("/login?transport=body", Password, Own, 200)]
    [InlineData("/login?transport=header", Password, Own, 200)]
    [InlineData("/login", Password, "https://evil.example", 200)]
    public async Task Login_that_sets_no_cookie_ends_nothing(string path, string password, string origin, int status)
    {
        await using var app = new AuthServerApp();
        var browser = await app.LogInAsync("ada");
        var login = await app.PostFromAsync(origin, path, browser.Pair.RefreshToken, new { username = "ada", password });
        Assert.Equal(status, (int)login.StatusCode);
        (await browser.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await browser.RefreshAsync();
    }

    [Fact]
    public async Task Cookie_that_is_forged_or_over_ends_nothing()
    {
        await using var app = new AuthServerApp();
        var browser = await app.LogInAsync("ada");
        var token = browser.Pair.RefreshToken;
        foreach (var forged in new[] { token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), token[..^1], "nonsense" })
        {
            (await LogInByCookieAsync(app, "ada", forged)).ShouldBe(HttpStatusCode.OK);
            (await browser.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        }

        await browser.LogoutAsync();
        (await LogInByCookieAsync(app, "ada", token)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(EndReason.Logout, (await app.RowOfAsync(browser)).EndReason);
    }

    [Fact]
    public async Task Replaced_session_of_many_takes_no_place()
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "3"));
        var ada = await app.LogInAsync("ada");
        var newest = (await ManySessions.AddAsync(app, ada, 200))[^1];
        var cookie = new RefreshToken(newest, 0).Encode(app.Get<ServerKeys>().Refresh);
        (await LogInByCookieAsync(app, "ada", cookie)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(3, await ManySessions.LiveAsync(app, ada));
    }

    private static Task<HttpResponseMessage> LogInByCookieAsync(AuthServerApp app, string username, string cookie) =>
        app.PostFromAsync(Own, ByCookie, cookie, new { username, password = Password });
}
