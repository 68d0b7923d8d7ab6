using System.Net;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Sessions of a cookie alone: how they begin, and what they are good for.</summary>
public sealed class SessionCookieTests : IAsyncDisposable
{
    private readonly AuthServerApp app = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Login_sets_one_cookie_and_gives_no_token_out()
    {
        var browser = new SessionBrowser(app);
        await browser.PostAsync("/register", new { username = "ada", Password });
        var login = await browser.PostAsync("/login?transport=session", new { username = "ada", Password });
        var body = await login.ShouldBeJsonAsync();
        Assert.Equal(["refreshExpiresIn", "sessionId"], body.EnumerateObject().Select(member => member.Name));
        Assert.Equal(1_209_600, body.GetProperty("refreshExpiresIn").GetInt64());
        Assert.False(login.Headers.Contains("X-Refresh-Token") || login.Headers.Contains("X-Device-Token"));
        Assert.Equal(["__Host-device", SessionBrowser.CookieName], SessionBrowser.CookieNamesOf(login));

        // Until the absolute end, because no later answer sets it again.
        Assert.Equal(
            ["httponly", "max-age=7776000", "path=/", "samesite=lax", "secure"],
            SessionBrowser.CookieOf(login)!.ToLowerInvariant().Split("; ").Skip(1).Order());
        Assert.Equal(SessionHandle.EncodedLength, browser.Cookie!.Length);
    }

    [Fact]
    public async Task Private_routes_know_caller_as_by_token()
    {
        var device = await app.LogInAsync("ada", "phone");
        var browser = await SessionBrowser.LogInAsync(app, "ada", "browser");
        var (byToken, byCookie) = (await (await device.GetAsync("/me")).ShouldBeJsonAsync(), await browser.MeAsync());
        Assert.Equal(
            byToken.EnumerateObject().Where(member => member.Name != "sessionId").Select(member => $"{member}"),
            byCookie.EnumerateObject().Where(member => member.Name != "sessionId").Select(member => $"{member}"));
        Assert.Equal(browser.SessionId, byCookie.GetProperty("sessionId").GetGuid());

        var sessions = await (await browser.GetAsync("/sessions")).ShouldBeJsonAsync();
        Assert.Equal(
            [("browser", true), ("phone", false)],
            sessions.GetProperty("sessions").EnumerateArray()
                .Select(one => (one.GetProperty("deviceName").GetString()!, one.GetProperty("current").GetBoolean())).Order());
        (await browser.SendAsync(HttpMethod.Delete, $"/sessions/{device.SessionId}")).ShouldBe(HttpStatusCode.NoContent);
        await (await device.GetAsync("/me")).ShouldBeEndedAsync("revoked");
    }

    [Fact]
    public async Task Principal_has_claims_of_token()
    {
        var device = await app.LogInAsync("ada");
        var row = await app.RowOfAsync(device);
        var user = new TokenSubject(row.UserId, "ada", "Ada", ["editor", "admin"], Disabled: false)
        {
            VerifiedEmail = "ada@example.org",
        };
        var grant = row.ToGrant(user, app.Clock.GetUtcNow(), new SessionPolicy());
        var issuer = app.Get<AccessTokenIssuer>();
        var made = ValidatedToken.OfPayload(System.Text.Encoding.UTF8.GetString(issuer.PayloadOf(grant)));
        var handler = new AccessTokenHandler(app.Get<IAccessTokenKeys>(), app.Get<IssuedTokenCache>());
        var read = await handler.ValidateTokenAsync(issuer.Issue(grant), app.Get<AccessTokenRules>().Alive);
        Assert.Equal(ClaimsOf(read.ClaimsIdentity), ClaimsOf((System.Security.Claims.ClaimsIdentity)made.Principal.Identity!));
        Assert.Contains(made.Principal.Claims, claim => claim is { Type: "email", Value: "ada@example.org" });
        Assert.True(made.Principal.IsInRole("editor"));
        Assert.Equal("ada", made.Principal.Identity!.Name);
        Assert.Equal(read.ClaimsIdentity.AuthenticationType, made.Principal.Identity.AuthenticationType);

        static IEnumerable<string> ClaimsOf(System.Security.Claims.ClaimsIdentity identity) => identity.Claims
            .Where(claim => claim.Type != "jti").Select(claim => $"{claim.Type} {claim.Value} {claim.ValueType} {claim.Issuer}");
    }

    [Fact]
    public async Task Header_comes_before_cookie()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        foreach (var (authorization, code) in new[]
        {
            ("Bearer x", "access_token_invalid"), ("Bearer ", "access_token_missing"), ("Basic YTpi", "access_token_missing"),
        })
        {
            var answer = await browser.SendAsync(HttpMethod.Get, "/me", headers: ("Authorization", authorization));
            await answer.ShouldBeProblemAsync(401, code);
        }

        browser.Cookie = null;
        await (await browser.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_missing");
    }

    [Fact]
    public async Task Answers_differ_by_cookie_and_are_not_stored()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var answers = new List<HttpResponseMessage> { await browser.GetAsync("/me") };
        browser.Cookie = "forged";
        answers.Add(await browser.GetAsync("/me"));
        browser.Cookie = null;
        answers.Add(await browser.GetAsync("/me"));
        Assert.All(answers, answer =>
        {
            Assert.Contains("Cookie", answer.Headers.Vary);
            Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        });
    }

    [Fact]
    public async Task Forged_handle_is_refused_and_expired()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var device = await app.LogInAsync("ada");
        var genuine = browser.Cookie!;
        foreach (var forged in new[] { "x", genuine[1..], 'B' + genuine[1..], device.Pair.RefreshToken })
        {
            browser.Cookie = forged;
            var answer = await browser.GetAsync("/me");
            await answer.ShouldBeProblemAsync(401, "session_invalid");
            Assert.Contains("expires=Thu, 01 Jan 1970", SessionBrowser.CookieOf(answer), StringComparison.Ordinal);
            Assert.Null(browser.Cookie);
        }

        await (await device.PresentAsync(genuine)).ShouldBeProblemAsync(401, "refresh_token_invalid");
        browser.Cookie = genuine;
        await browser.MeAsync();
    }

    [Fact]
    public async Task Every_cookie_of_name_is_tried()
    {
        // Other hosts of the domain can set the second one, and a setting of before may have left it.
        var (ended, browser) = (await SessionBrowser.LogInAsync(app), await SessionBrowser.LogInAsync(app));
        var over = ended.Cookie;
        await ended.PostAsync("/logout");
        var genuine = browser.Cookie;
        foreach (var other in new[] { "forged", over })
        {
            foreach (var cookies in new[] { (other, genuine), (genuine, other) })
            {
                browser.Cookie = $"{cookies.Item1}; {SessionBrowser.CookieName}={cookies.Item2}";
                var answer = await browser.GetAsync("/me");
                answer.ShouldBe(HttpStatusCode.OK);
                Assert.Null(SessionBrowser.CookieOf(answer));
            }
        }

        browser.Cookie = $"forged; {SessionBrowser.CookieName}={over}";
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("logout");
        browser.Cookie = $"{over}; {SessionBrowser.CookieName}={genuine}";
        (await browser.PostAsync("/logout")).ShouldBe(HttpStatusCode.NoContent);
        browser.Cookie = genuine;
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Cookies_beyond_fourth_are_not_read()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var genuine = browser.Cookie;
        browser.Cookie = Forged(3) + genuine;
        await browser.MeAsync();
        browser.Cookie = Forged(4) + genuine;
        await (await browser.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");

        static string Forged(int count) =>
            string.Concat(Enumerable.Range(0, count).Select(number => $"{number}; {SessionBrowser.CookieName}="));
    }

    [Fact]
    public async Task Forged_handle_is_event_and_old_one_is_none()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var copy = browser.At(app);
        await (await browser.PostAsync("/reauthenticate", new { Password })).ShouldBeJsonAsync();
        await (await copy.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");
        Assert.DoesNotContain(app.Log.Lines, line => line.Event == "token_rejected");
        copy.Cookie = "forged";
        await (await copy.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");
        Assert.Single(app.Log.Lines, line => line.Event == "token_rejected");
    }

    [Fact]
    public async Task Session_of_cookie_depends_on_root_key_of_its_login()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var device = await app.LogInAsync("ada");
        var until = app.Clock.GetUtcNow();
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await browser.MeAsync();
        await device.RefreshAsync();
        await Eventually.BecomesAsync(() => app.InDatabaseAsync(db => Task.FromResult(
            db.Sessions.Single(session => session.Id == browser.SessionId).RotatedAt > until)));
        var count = await app.Get<KeyStore>().CountSessionsAsync(until, new SessionPolicy(), app.Clock.GetUtcNow(), Ct);
        Assert.Equal(1, count);
    }

    [Theory]
    [InlineData("POST", "/logout/all")]
    [InlineData("POST", "/logout")]
    [InlineData("POST", "/password")]
    [InlineData("POST", "/reauthenticate")]
    [InlineData("DELETE", "/sessions/{id}")]
    [InlineData("GET", "/me/export")]
    public async Task Pages_of_other_sites_change_nothing(string method, string path)
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var cookie = browser.Cookie;
        var address = path.Replace("{id}", $"{browser.SessionId}", StringComparison.Ordinal);
        var body = SessionBrowser.ProofFor(path);
        foreach (var (origin, site) in new[] { (null, null), ("null", "same-origin"), ("https://evil.example", "cross-site") })
        {
            (string, string)[] headers = site is null ? [] : [("Sec-Fetch-Site", site)];
            var answer = await browser.SendAsync(new HttpMethod(method), address, body, origin, headers);
            await answer.ShouldBeProblemAsync(403, "cross_site");
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }

        Assert.Equal(cookie, browser.Cookie);
        await browser.MeAsync();
        Assert.Contains(app.Log.Lines, line => line.Event == "cross_site_refused");
        Assert.True((await browser.SendAsync(new HttpMethod(method), address, body)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Login_by_foreign_page_is_refused()
    {
        await app.LogInAsync("ada");
        var answer = await app.PostFromAsync(
            "https://evil.example", "/login?transport=session", body: new { username = "ada", Password });
        await answer.ShouldBeProblemAsync(403, "cross_site");
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Session_has_cookie_or_tokens_and_never_both()
    {
        var device = await app.LogInAsync("ada");
        var browser = await SessionBrowser.LogInAsync(app);
        var refresh = await app.PostFromAsync(
            Browser.Own, "/refresh?transport=session", body: new { device.Pair.RefreshToken });
        await refresh.ShouldBeInvalidAsync("transport");
        foreach (var path in new[] { "/password", "/reauthenticate" })
        {
            var answer = await device.SendAsync(HttpMethod.Post, path + "?transport=session", SessionBrowser.ProofFor(path));
            await answer.ShouldBeProblemAsync(403, "cross_site");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/reauthenticate?transport=session")
        {
            Content = HttpAssertions.Json(new { Password }),
            Headers = { Authorization = new("Bearer", device.Pair.AccessToken) },
        };
        request.Headers.Add("Origin", Browser.Own);
        await (await device.Http.SendAsync(request, Ct)).ShouldBeInvalidAsync("transport");

        // By the transport that the session has, whatever is asked for.
        foreach (var transport in new[] { "body", "header", "cookie", "session" })
        {
            var answer = await browser.PostAsync("/reauthenticate?transport=" + transport, new { Password });
            Assert.Equal(2, (await answer.ShouldBeJsonAsync()).EnumerateObject().Count());
            Assert.NotNull(SessionBrowser.CookieOf(answer));
            Assert.False(answer.Headers.Contains("X-Refresh-Token") || answer.Headers.Contains("Authorization"));
        }
    }

    [Fact]
    public async Task Cookie_of_domain_has_other_name()
    {
        await using var other = new AuthServerApp(("Sessions:CookieDomain", "example.com"));
        var http = other.CreateClient(new() { HandleCookies = false });
        await http.PostAsync("/register", new { username = "ada", Password });
        var login = await other.PostFromAsync(
            Browser.Own, "/login?transport=session", body: new { username = "ada", Password });
        var cookie = login.Headers.GetValues("Set-Cookie")
            .Single(one => one.StartsWith("__Secure-session=", StringComparison.Ordinal));
        Assert.Contains("; domain=example.com;", cookie, StringComparison.Ordinal);
        http.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        (await http.GetAsync("/me", Ct)).ShouldBe(HttpStatusCode.OK);
        http.DefaultRequestHeaders.Remove("Cookie");
        http.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0].Replace("__Secure-", "__Host-", StringComparison.Ordinal));
        await (await http.GetAsync("/me", Ct)).ShouldBeProblemAsync(401, "access_token_missing");

        // A browser keeps it unless it is expired for the same domain.
        var logout = await other.PostFromAsync(Browser.Own, "/logout", headers: ("Cookie", cookie.Split(';')[0]));
        var expired = Assert.Single(logout.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Secure-session=; expires=Thu, 01 Jan 1970", expired, StringComparison.Ordinal);
        Assert.Contains("; domain=example.com;", expired, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
