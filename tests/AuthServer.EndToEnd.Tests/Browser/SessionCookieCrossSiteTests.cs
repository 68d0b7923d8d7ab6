using System.Globalization;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>
/// Attacks on a browser that is known by a session cookie alone. The page of the attacker is of another site, or of another
/// origin of the same site. From there the browser does send the cookie.
/// </summary>
public sealed class SessionCookieCrossSiteTests(Chromium chromium, ServerWithProvider server)
    : IClassFixture<Chromium>, IClassFixture<ServerWithProvider>, IAsyncDisposable
{
    // An IP address is a site of its own. All ports of a host are one site.
    private const string OtherSite = "127.0.0.1";
    private const string SameSite = "localhost";

    private const string Ask =
        """
        ([method, path, body]) =>
            fetch(path, { method, headers: { 'Content-Type': 'application/json' }, body }).then(response => response.status)
        """;

    private const string Attack =
        """
        ([method, url, mode, type]) =>
            fetch(url, { method, mode, credentials: 'include', headers: type ? { 'Content-Type': type } : {}, body: '{}' })
                .then(response => response.text()).catch(() => '')
        """;

    private const string AttackByForm =
        """
        ([url, type]) => {
            const form = Object.assign(document.createElement('form'), { method: 'post', action: url, enctype: type });
            form.append(Object.assign(document.createElement('input'), { name: '{"x":"', value: '"}' }));
            document.body.append(form);
            form.submit();
        }
        """;

    private static readonly string[] Posts =
        ["logout", "logout/all", "password", "reauthenticate", "refresh", "login?transport=session", "external-logins/acme"];

    private static readonly string[] Elements = ["img", "iframe", "script"];

    private readonly StaticPage attacker = new();

    public ValueTask DisposeAsync() => attacker.DisposeAsync();

    [Theory]
    [InlineData(OtherSite)]
    [InlineData(SameSite)]
    public async Task Form_changes_nothing(string host)
    {
        await using var victim = await LogInAsync("formed" + host);
        foreach (var path in Posts)
        {
            foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded", "multipart/form-data" })
            {
                // A page of its own, because an answer without a page leaves the navigation open.
                var page = await OpenMaliciousPageAsync(victim, host, "");
                var response = await page.RunAndWaitForResponseAsync(
                    () => page.EvaluateAsync(AttackByForm, new[] { victim.AddressOf(path), type }),
                    response => response.Request.Method == "POST");
                Assert.InRange(response.Status, 400, 499);
                Assert.Null(await response.HeaderValueAsync("set-cookie"));
            }
        }

        await victim.ShouldBeUnchangedAsync();
    }

    [Theory]
    [InlineData(OtherSite)]
    [InlineData(SameSite)]
    public async Task Fetch_changes_nothing_and_reads_nothing(string host)
    {
        await using var victim = await LogInAsync("fetched" + host);
        var page = await OpenMaliciousPageAsync(victim, host, "");
        var sent = 0;
        page.Request += (_, request) => sent += request.Method == "POST" ? 1 : 0;
        var requests = Posts.Select(path => ("POST", path)).Append(("DELETE", $"sessions/{victim.SessionId}"));
        foreach (var (method, path) in requests)
        {
            foreach (var mode in new[] { "cors", "no-cors" })
            {
                foreach (var type in new[] { "application/json", "text/plain", "" })
                {
                    Assert.Equal(
                        "", await page.EvaluateAsync<string>(Attack, new[] { method, victim.AddressOf(path), mode, type }));
                }
            }
        }

        // The browser did not send some of the requests. The server refused the rest, whose answers the browser blocked.
        Assert.True(sent >= Posts.Length, $"{sent}");
        await victim.ShouldBeUnchangedAsync();
    }

    [Theory]
    [InlineData(OtherSite)]
    [InlineData(SameSite)]
    public async Task Image_and_frame_change_nothing_and_show_nothing(string host)
    {
        await using var victim = await LogInAsync("embedded" + host);
        string[] paths = [.. Posts, "me", "sessions", "", "login/external/acme", $"sessions/{victim.SessionId}"];
        var elements = paths.SelectMany(path => Elements.Select(
            element => $"<{element} src=\"{victim.AddressOf(path)}\"></{element}>"));
        var page = await OpenMaliciousPageAsync(victim, host, string.Concat(elements));
        Assert.Equal(0, await page.EvaluateAsync<int>("[...document.images].filter(image => image.naturalWidth).length"));
        Assert.DoesNotContain(page.Frames, frame => frame.Url.StartsWith(victim.AddressOf(""), StringComparison.Ordinal));
        await victim.ShouldBeUnchangedAsync();
    }

    private async Task<Victim> LogInAsync(string name)
    {
        var username = name.Replace('.', '-');
        await server.Http.RegisterAsync(username);
        var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.OpenAsync();
        var body = $$"""{"username":"{{username}}","password":"{{HttpAssertions.Password}}"}""";
        Assert.Equal(200, await page.EvaluateAsync<int>(Ask, new[] { "POST", "/login?transport=session", body }));
        var me = await page.EvaluateAsync<JsonElement>("() => fetch('/me').then(response => response.json())");
        return new Victim(device, page, me.GetProperty("sessionId").GetString()!, await CookieOfAsync(device));
    }

    private async Task<IPage> OpenMaliciousPageAsync(Victim victim, string host, string body)
    {
        attacker.Html = body;
        var page = await victim.Device.Context.NewPageAsync();
        await page.GotoAsync(string.Create(CultureInfo.InvariantCulture, $"http://{host}:{attacker.Port}/"));
        return page;
    }

    private static async Task<string> CookieOfAsync(BrowserDevice device) =>
        Assert.Single(await device.Context.CookiesAsync(), cookie => cookie.Name == "__Host-session").Value;

    private sealed record Victim(BrowserDevice Device, IPage Page, string SessionId, string Cookie)
        : IAsyncDisposable
    {
        public string AddressOf(string path) => $"{Device.Server}{path}";

        /// <summary>Asserts that the browser has its cookie, and that the user has this session alone and the password.</summary>
        public async Task ShouldBeUnchangedAsync()
        {
            Assert.Equal(Cookie, await CookieOfAsync(Device));
            var sessions = await Page.EvaluateAsync<JsonElement>(
                "() => fetch('/sessions?ended=true').then(response => response.json())");
            var session = Assert.Single(sessions.GetProperty("sessions").EnumerateArray());
            Assert.Equal(SessionId, session.GetProperty("id").GetString());
            var proof = $$"""{"password":"{{HttpAssertions.Password}}"}""";
            Assert.Equal(200, await Page.EvaluateAsync<int>(Ask, new[] { "POST", "/reauthenticate", proof }));
        }

        public ValueTask DisposeAsync() => Device.DisposeAsync();
    }
}
