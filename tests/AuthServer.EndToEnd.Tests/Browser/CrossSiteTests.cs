using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Attacks by a page of another site on a browser that is logged in.</summary>
public sealed class CrossSiteTests(Chromium chromium, RunningServer server)
    : IClassFixture<Chromium>, IClassFixture<RunningServer>, IAsyncDisposable
{
    private const string FetchWithBody =
        """
        ([url, mode, type, body]) =>
            fetch(url, { method: 'POST', mode, credentials: 'include', headers: { 'Content-Type': type }, body })
                .then(response => response.text()).catch(() => '')
        """;

    private const string FetchWithoutBody =
        """
        url => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' })
            .then(response => response.text()).catch(() => '')
        """;

    private static readonly string[] Paths = ["/login?transport=cookie", "/login", "/refresh", "/logout"];

    private readonly StaticPage attacker = new();

    public ValueTask DisposeAsync() => attacker.DisposeAsync();

    [Fact]
    public async Task Form_post_from_another_site_changes_nothing()
    {
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.RegisterAsync("formed");
        var cookie = await CookieOfAsync(device);
        foreach (var path in Paths)
        {
            var malicious = await OpenMaliciousPageAsync(device, $"""
                <form method="post" action="{device.Server}{path[1..]}" enctype="text/plain">
                <input name='&#123;"username":"formed","password":"{HttpAssertions.Password}","x":"' value='"&#125;'></form>
                """);
            var response = await malicious.RunAndWaitForResponseAsync(
                () => malicious.EvaluateAsync("document.forms[0].submit()"), response => response.Request.Method == "POST");
            Assert.True(response.Status is 403 or 415, $"{response.Status}");
            Assert.Null(await response.HeaderValueAsync("set-cookie"));
            await malicious.CloseAsync();
        }

        await ShouldBeUnchangedAsync(device, page, cookie, "formed");
    }

    [Fact]
    public async Task Fetch_from_another_site_changes_nothing_and_reads_nothing()
    {
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.RegisterAsync("fetched");
        var cookie = await CookieOfAsync(device);
        var malicious = await OpenMaliciousPageAsync(device, "");
        var requests = 0;
        malicious.Request += (_, request) => requests += request.Method == "POST" ? 1 : 0;
        var body = $$"""{"username":"fetched","password":"{{HttpAssertions.Password}}"}""";
        foreach (var path in Paths)
        {
            var url = device.Server + path[1..];
            foreach (var mode in new[] { "cors", "no-cors" })
            {
                foreach (var type in new[] { "application/json", "text/plain" })
                {
                    Assert.Equal("", await malicious.EvaluateAsync<string>(FetchWithBody, new[] { url, mode, type, body }));
                }
            }

            Assert.Equal("", await malicious.EvaluateAsync<string>(FetchWithoutBody, url));
        }

        // The browser did not send some of the requests. The server refused the rest, whose answers the browser blocked.
        Assert.True(requests >= Paths.Length, $"{requests}");
        await ShouldBeUnchangedAsync(device, page, cookie, "fetched");
    }

    [Fact]
    public async Task Page_cannot_be_framed_by_another_site()
    {
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        await device.RegisterAsync("framed");
        var malicious = await OpenMaliciousPageAsync(device, $"<iframe src=\"{device.Server}\"></iframe>");
        var address = device.Server.ToString();
        Assert.DoesNotContain(malicious.Frames, frame => frame.Url.StartsWith(address, StringComparison.Ordinal));
    }

    private async Task<IPage> OpenMaliciousPageAsync(BrowserDevice device, string body)
    {
        var page = await device.Context.NewPageAsync();
        attacker.Html = body;

        // An IP address is a site of its own, so it is cross-site to localhost.
        await page.GotoAsync($"http://127.0.0.1:{attacker.Port}");
        return page;
    }

    private static async Task<string> CookieOfAsync(BrowserDevice device) =>
        Assert.Single(await device.RefreshCookiesAsync()).Value;

    private static async Task ShouldBeUnchangedAsync(BrowserDevice device, IPage page, string cookie, string username)
    {
        Assert.Equal(cookie, await CookieOfAsync(device));
        await page.ReloadAsync();
        await page.ShouldBeLoggedInAsync(username);
        await page.ShowAsync("Devices");
        await Assertions.Expect(page.Locator("#devices > li")).ToHaveCountAsync(1);
    }
}
