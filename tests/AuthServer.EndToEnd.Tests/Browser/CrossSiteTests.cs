using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>What a page of another site can do with a browser that is logged in: nothing.</summary>
public sealed class CrossSiteTests(Chromium chromium, RunningServer server) : IClassFixture<Chromium>, IClassFixture<RunningServer>, IAsyncDisposable
{
    private readonly StaticPage another = new();

    private static readonly string[] Paths = ["/login?transport=cookie", "/login", "/refresh", "/logout"];

    public ValueTask DisposeAsync() => another.DisposeAsync();

    [Fact]
    public async Task Form_post_from_another_site_changes_nothing()
    {
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.RegisterAsync("formed");
        var cookie = await CookieOfAsync(device);
        foreach (var path in Paths)
        {
            var evil = await EvilPageAsync(device, $"""
                <form method="post" action="{device.Server}{path[1..]}" enctype="text/plain">
                <input name='&#123;"username":"formed","password":"{HttpAssertions.Password}","x":"' value='"&#125;'></form>
                """);
            var answer = await evil.RunAndWaitForResponseAsync(
                () => evil.EvaluateAsync("document.forms[0].submit()"), response => response.Request.Method == "POST");
            Assert.True(answer.Status is 403 or 415, $"{answer.Status}");
            Assert.Null(await answer.HeaderValueAsync("set-cookie"));
            await evil.CloseAsync();
        }

        await ShouldBeUnchangedAsync(device, page, cookie, "formed");
    }

    [Fact]
    public async Task Fetch_from_another_site_changes_nothing_and_reads_nothing()
    {
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.RegisterAsync("fetched");
        var cookie = await CookieOfAsync(device);
        var evil = await EvilPageAsync(device, "");
        var answers = 0;
        evil.Response += (_, answer) => answers += answer.Request.Method == "POST" ? 1 : 0;
        foreach (var path in Paths)
        {
            foreach (var mode in new[] { "cors", "no-cors" })
            {
                foreach (var type in new[] { "application/json", "text/plain" })
                {
                    var read = await evil.EvaluateAsync<string>(
                        """
                        ([url, mode, type, body]) => fetch(url, { method: 'POST', mode, credentials: 'include', headers: { 'Content-Type': type }, body })
                            .then(answer => answer.text()).catch(() => '')
                        """,
                        new[] { device.Server + path[1..], mode, type, $$"""{"username":"fetched","password":"{{HttpAssertions.Password}}"}""" });
                    Assert.Equal("", read);
                }
            }

            Assert.Equal("", await evil.EvaluateAsync<string>(
                "url => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }).then(answer => answer.text()).catch(() => '')",
                device.Server + path[1..]));
        }

        // Some the browser did not send at all; those that it did were refused by the server.
        Assert.True(answers >= Paths.Length, $"{answers}");
        await ShouldBeUnchangedAsync(device, page, cookie, "fetched");
    }

    [Fact]
    public async Task Page_can_not_be_framed_by_another()
    {
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        await device.RegisterAsync("framed");
        var evil = await EvilPageAsync(device, $"<iframe src=\"{device.Server}\"></iframe>");
        Assert.DoesNotContain(evil.Frames, frame => frame.Url.StartsWith(device.Server.ToString(), StringComparison.Ordinal));
    }

    private async Task<IPage> EvilPageAsync(BrowserDevice device, string body)
    {
        var page = await device.Context.NewPageAsync();
        another.Html = body;

        // Another site than localhost, for the site of an address is the address itself.
        await page.GotoAsync($"http://127.0.0.1:{another.Port}");
        return page;
    }

    private static async Task<string> CookieOfAsync(BrowserDevice device) => Assert.Single(await device.Context.CookiesAsync()).Value;

    private static async Task ShouldBeUnchangedAsync(BrowserDevice device, IPage page, string cookie, string username)
    {
        Assert.Equal(cookie, await CookieOfAsync(device));
        await page.ReloadAsync();
        await page.ShouldBeLoggedInAsync(username);
        await Assertions.Expect(page.Locator("#devices > li")).ToHaveCountAsync(1);
    }
}
