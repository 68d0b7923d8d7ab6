using System.Net;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.GuardingProxy;

namespace AuthServer.Tests;

/// <summary>The answers to a proxy that guards an application.</summary>
public sealed class ForwardAuthTests : IAsyncDisposable
{
    private readonly AuthServerApp app = CreateServer();
    private readonly GuardingProxy proxy;

    public ForwardAuthTests() => proxy = new GuardingProxy(app);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task User_of_cookie_is_described()
    {
        var browser = await LogInAsync("ada");
        var answer = await proxy.AskAsync(browser.Cookie);
        answer.ShouldBe(HttpStatusCode.OK);
        var me = await browser.MeAsync();
        Assert.Equal("ada", HeaderOf(answer, "X-Auth-User"));
        Assert.Equal(me.GetProperty("id").GetString(), HeaderOf(answer, "X-Auth-Id"));
        Assert.Equal("ada", HeaderOf(answer, "X-Auth-Name"));
        Assert.Equal("", HeaderOf(answer, "X-Auth-Roles"));
        Assert.Equal("", HeaderOf(answer, "X-Auth-Email"));
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Contains("Cookie", answer.Headers.Vary);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Ct));
    }

    [Fact]
    public async Task Values_are_percent_encoded()
    {
        var browser = await LogInAsync("한글");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(user => user.DisplayName, "김 하늘, 100% \"관리자\"")
                .SetProperty(user => user.Roles, new List<string> { "editor", "게시판" }),
            Ct));
        var answer = await proxy.AskAsync(browser.Cookie);
        Assert.Equal(Uri.EscapeDataString("한글"), HeaderOf(answer, "X-Auth-User"));
        Assert.Equal(Uri.EscapeDataString("김 하늘, 100% \"관리자\""), HeaderOf(answer, "X-Auth-Name"));
        Assert.Equal("editor," + Uri.EscapeDataString("게시판"), HeaderOf(answer, "X-Auth-Roles"));
        Assert.Equal(
            ["editor", "게시판"], ClaimsOf(answer).GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
    }

    [Theory]
    [InlineData("ada@example.com")]
    [InlineData("01234567-89ab-cdef-0123-456789abcdef")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    public async Task Name_in_form_of_address_or_id_is_replaced_by_id(string username)
    {
        var browser = await LogInAsync(username);
        var answer = await proxy.AskAsync(browser.Cookie);
        var id = HeaderOf(answer, "X-Auth-Id");
        Assert.Equal((id, id), (HeaderOf(answer, "X-Auth-User"), HeaderOf(answer, "X-Auth-Name")));
        var claims = ClaimsOf(answer);
        Assert.Equal(id, claims.GetProperty("preferred_username").GetString());
        Assert.Equal(id, claims.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Verified_address_is_sent_and_heard_of_with_next_reading()
    {
        const string Username = "Ada@한글.example";
        const string Email = "ada@xn--bj0bj06e.example";
        var browser = await LogInAsync(Username);
        foreach (var (address, user) in new[] { (Email, Username), ("b@example.com", null), (null, null), (Email, Username) })
        {
            await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
                set => set.SetProperty(user => user.VerifiedEmail, address), Ct));
            app.Clock.Advance(TimeSpan.FromSeconds(20));
            var answer = await proxy.AskAsync(browser.Cookie, headers: ("X-Auth-Email", "admin@example.com"));
            var name = user ?? HeaderOf(answer, "X-Auth-Id");
            Assert.Equal(Uri.EscapeDataString(name), HeaderOf(answer, "X-Auth-User"));
            Assert.Equal(Uri.EscapeDataString(name), HeaderOf(answer, "X-Auth-Name"));
            Assert.Equal(Uri.EscapeDataString(address ?? ""), HeaderOf(answer, "X-Auth-Email"));
            var claims = ClaimsOf(answer);
            Assert.Equal(name, claims.GetProperty("preferred_username").GetString());
            Assert.Equal(address, claims.TryGetProperty("email", out var email) ? email.GetString() : null);
            Assert.Equal(
                address is not null, claims.TryGetProperty("email_verified", out var isVerified) && isVerified.GetBoolean());
        }
    }

    [Fact]
    public async Task Long_address_returns_to_beginning_of_application()
    {
        var uri = "/board?q=" + string.Concat(Enumerable.Repeat("%ED%95%9C", 300));
        var answer = await proxy.AskAsync(null, uri: uri);
        var login = HeaderOf(answer, "X-Auth-Login");
        Assert.EndsWith("?return_to=" + Uri.EscapeDataString(Application + "/"), login, StringComparison.Ordinal);
    }

    [Fact]
    public async Task User_of_access_token_is_described()
    {
        var device = await app.LogInAsync("ada");
        var answer = await proxy.AskAsync(null, headers: ("Authorization", "Bearer " + device.Pair.AccessToken));
        Assert.Equal("ada", HeaderOf(answer, "X-Auth-User"));

        // A program has no origin, and is no browser that sends something by itself.
        (await proxy.AskAsync(null, "POST", headers: ("Authorization", "Bearer " + device.Pair.AccessToken)))
            .ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await proxy.AskAsync(null, headers: ("Authorization", "Bearer " + device.Pair.AccessToken)))
            .ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Fact]
    public async Task Ended_session_is_refused_at_once()
    {
        var browser = await LogInAsync("ada");
        var cookie = browser.Cookie;
        (await proxy.AskAsync(cookie)).ShouldBe(HttpStatusCode.OK);
        await browser.PostAsync("/logout");
        await (await proxy.AskAsync(cookie)).ShouldBeEndedAsync("logout");
        await (await proxy.AskAsync("forged")).ShouldBeProblemAsync(401, "session_invalid");
        await (await proxy.AskAsync(null)).ShouldBeProblemAsync(401, "access_token_missing");
    }

    [Theory]
    [InlineData("10.0.1.1", "GET", "app.example.com", "/", "proxy")]
    [InlineData(null, "GET", "app.example.com", "/", "proxy")]
    [InlineData(Address, null, "app.example.com", "/", "X-Forwarded-Method")]
    [InlineData(Address, "GET", null, "/", "X-Forwarded-Host")]
    [InlineData(Address, "GET", "app.example.com", null, "X-Forwarded-Uri")]
    [InlineData(Address, "GET", "app.example.com/x", "/", "X-Forwarded-Host")]
    [InlineData(Address, "GET", "ada@app.example.com", "/", "X-Forwarded-Host")]
    [InlineData(Address, "GET", "app.example.com#x", "/", "X-Forwarded-Host")]
    [InlineData(Address, "GET", "app.example.com:99999", "/", "X-Forwarded-Host")]
    [InlineData(Address, "GET", "app example.com", "/", "X-Forwarded-Host")]
    [InlineData(Address, "", "app.example.com", "/", "X-Forwarded-Method")]
    [InlineData(Address, "GET", "app.example.com", "", "X-Forwarded-Uri")]
    [InlineData(Address, "GET", "app.example.com", "@evil.example", "X-Forwarded-Uri")]
    public async Task Question_without_known_proxy_or_part_is_invalid(
        string? sender, string? method, string? host, string? uri, string field)
    {
        var browser = await LogInAsync("ada");
        var answer = await proxy.AskAsync(browser.Cookie, method, host, uri: uri, sender: sender);
        await answer.ShouldBeInvalidAsync(field);
        Assert.False(answer.Headers.Contains("X-Auth-User"));
    }

    [Theory]
    [InlineData("X-Forwarded-Method", "GET")]
    [InlineData("X-Forwarded-Host", "app.example.com")]
    [InlineData("X-Forwarded-Uri", "/")]
    public async Task Part_that_client_has_sent_too_is_refused(string name, string value)
    {
        var browser = await LogInAsync("ada");
        await (await proxy.AskAsync(browser.Cookie, headers: (name, value))).ShouldBeInvalidAsync(name);
    }

    [Fact]
    public async Task Proxy_is_known_by_address_of_either_form()
    {
        var browser = await LogInAsync("ada");
        (await proxy.AskAsync(browser.Cookie, sender: "::ffff:" + Address)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("POST", Application, null, true)]
    [InlineData("POST", null, "same-origin", true)]
    [InlineData("POST", null, null, false)]
    [InlineData("POST", "null", "same-origin", false)]
    [InlineData("POST", "https://page.example.com", null, false)]
    [InlineData("DELETE", "https://evil.example", "cross-site", false)]
    [InlineData("post", null, null, false)]
    [InlineData("POST", "http://app.example.com", null, false)]
    [InlineData("GET", "https://evil.example", "cross-site", true)]
    [InlineData("HEAD", null, null, true)]
    public async Task Cookie_changes_something_from_pages_of_application_alone(
        string method, string? origin, string? site, bool isAccepted)
    {
        var browser = await LogInAsync("ada");
        var answer = await proxy.AskAsync(
            browser.Cookie, method, headers: [("Origin", origin), ("Sec-Fetch-Site", site)]);
        if (isAccepted)
        {
            answer.ShouldBe(HttpStatusCode.OK);
            return;
        }

        await answer.ShouldBeProblemAsync(403, "cross_site");
        Assert.False(answer.Headers.Contains("X-Auth-User"));
    }

    [Theory]
    [InlineData(Application, 200)]
    [InlineData("https://evil.example", 403)]
    [InlineData(null, 403)]
    public async Task Socket_opens_from_pages_of_application_alone(string? origin, int status)
    {
        var browser = await LogInAsync("ada");
        var answer = await proxy.AskAsync(
            browser.Cookie, headers: [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Origin", origin)]);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Role_is_required()
    {
        var browser = await LogInAsync("ada");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(user => user.Roles, new List<string> { "editor" }), Ct));
        (await proxy.AskAsync(browser.Cookie, query: "?role=editor")).ShouldBe(HttpStatusCode.OK);
        await (await proxy.AskAsync(browser.Cookie, query: "?role=admin")).ShouldBeProblemAsync(403, "forbidden");
        await (await proxy.AskAsync(null, query: "?role=editor")).ShouldBeProblemAsync(401, "access_token_missing");
    }

    [Fact]
    public async Task Navigation_is_sent_to_login_page_and_back()
    {
        var login = $"http://localhost:5080/?return_to={Uri.EscapeDataString(Application + "/board?page=2&sort=new")}";
        var redirected = await proxy.AskAsync(null, query: "?redirect=true");
        redirected.ShouldBe(HttpStatusCode.Redirect);
        Assert.Equal(login, redirected.Headers.Location?.OriginalString);

        // nginx takes 401 alone, and makes the redirect of the header.
        var refused = await proxy.AskAsync(null);
        await refused.ShouldBeProblemAsync(401, "access_token_missing");
        Assert.Equal(login, HeaderOf(refused, "X-Auth-Login"));

        var elsewhere = await proxy.AskAsync(null, host: "other.example.com", query: "?redirect=true");
        Assert.Equal("http://localhost:5080/", elsewhere.Headers.Location?.OriginalString);
        foreach (var headers in new (string, string?)[][] { [("Sec-Fetch-Mode", "cors")], [("Sec-WebSocket-Key", "x")] })
        {
            var script = await proxy.AskAsync(null, query: "?redirect=true", headers: headers);
            await script.ShouldBeProblemAsync(401, "access_token_missing");
            Assert.False(script.Headers.Contains("X-Auth-Login"));
        }

        await (await proxy.AskAsync(null, "POST", query: "?redirect=true")).ShouldBeProblemAsync(401, "access_token_missing");
        await (await proxy.AskAsync(null, query: "?redirect=yes")).ShouldBeInvalidAsync("redirect");
    }

    [Fact]
    public async Task Page_of_other_origin_reads_no_answer()
    {
        var browser = await LogInAsync("ada");
        var answer = await proxy.AskAsync(browser.Cookie, headers: ("Origin", "https://page.example.com"));
        Assert.DoesNotContain(
            answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Server_without_pages_of_other_origins_answers_too()
    {
        await using var other = new AuthServerApp(
            ClientAddresses.AddTo, ("ForwardAuth:Enabled", "true"), ("Proxies:Known:0", Address));
        await (await new GuardingProxy(other).AskAsync(null)).ShouldBeProblemAsync(401, "access_token_missing");

        // And gives no token out, because it has no audience for one.
        var browser = await SessionBrowser.LogInAsync(other);
        var answer = await new GuardingProxy(other).AskAsync(browser.Cookie);
        Assert.Equal("ada", HeaderOf(answer, "X-Auth-User"));
        Assert.False(answer.Headers.Contains("Authorization"));
    }

    [Fact]
    public async Task Route_does_not_exist_unless_it_is_switched_on()
    {
        await using var other = new AuthServerApp(ClientAddresses.AddTo, ("Proxies:Known:0", Address));
        await (await other.CreateClient().GetAsync("/forward-auth", Ct)).ShouldBeProblemAsync(404, "not_found");
    }

    [Theory]
    [InlineData("https://app.example.com/board", true)]
    [InlineData("https://page.example.com", false)]
    public async Task Login_page_knows_application_that_it_returns_to(string address, bool isApplication)
    {
        using var http = app.CreateClient(new() { AllowAutoRedirect = false });
        var page = await http.GetStringAsync("/?return_to=" + Uri.EscapeDataString(address), Ct);
        Assert.Equal(isApplication, page.Contains("data-transport=\"session\"", StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private Task<SessionBrowser> LogInAsync(string username) => SessionBrowser.LogInAsync(app, username);
}
