using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The account page in each of its states: takes a screenshot, and checks accessibility with axe.</summary>
public sealed class ScreenTests(Chromium chromium, RunningServer server, Axe axe)
    : IClassFixture<Chromium>, IClassFixture<RunningServer>, IClassFixture<Axe>
{
    private static readonly string Folder = Path.Combine(Repository.Folder, "artifacts/screens");

    private static readonly string[] UserAgents =
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            + "Version/18.0 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "curl/8.5.0",
    ];

    [Theory]
    [InlineData("light", ColorScheme.Light, "en-US", 1440)]
    [InlineData("dark", ColorScheme.Dark, "en-US", 1440)]
    [InlineData("mobile", ColorScheme.Light, "en-US", 360)]
    [InlineData("mobile-dark", ColorScheme.Dark, "en-US", 360)]
    [InlineData("korean", ColorScheme.Light, "ko-KR", 1440)]
    [InlineData("korean-mobile-dark", ColorScheme.Dark, "ko-KR", 360)]
    public async Task Page_is_accessible_in_all_states(string variant, ColorScheme colors, string locale, int width)
    {
        axe.SkipUnlessInstalled();
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!, options =>
        {
            options.ColorScheme = colors;
            options.Locale = locale;
            options.ViewportSize = new() { Width = width, Height = 800 };
        });
        var page = await device.OpenAsync();
        await Expect(page.Locator("#welcome")).ToBeVisibleAsync();
        await CheckAsync(page, variant, "1-login");

        await page.Locator("[data-show=register-form]").ClickAsync();
        await FillAsync(page, "register-form", ("username", variant), ("displayName", "Ada Lovelace"), ("password", "abc"));
        await Expect(page.Locator("#register-form .problem")).Not.ToBeEmptyAsync();
        await CheckAsync(page, variant, "2-register-error");

        await FillAsync(page, "register-form", ("password", HttpAssertions.Password));
        await Expect(page.Locator("#account")).ToBeVisibleAsync();
        var elsewhere = await LogInElsewhereAsync(variant);
        await page.ReloadAsync();
        await Expect(page.Locator("#devices > li")).ToHaveCountAsync(1 + UserAgents.Length);
        await page.Locator("#call").ClickAsync();
        await Expect(page.Locator("#calls > li")).ToHaveCountAsync(1);
        await page.Locator("#devices button").Last.ClickAsync();
        await Expect(page.Locator("#devices > li")).ToHaveCountAsync(UserAgents.Length);
        await page.Locator("#ended summary").ClickAsync();
        await CheckAsync(page, variant, "3-account");

        await EndSessionAsync(elsewhere, await page.EvaluateAsync<string>(
            "import('/authserver-client.js').then(m => m.createAuthClient().session()).then(session => session.id)"));
        await page.Locator("#call").DispatchEventAsync("click");
        await Expect(page.Locator("#welcome")).ToBeVisibleAsync();
        await CheckAsync(page, variant, "4-ended-elsewhere");

        await FillAsync(page, "login-form", ("username", variant), ("password", HttpAssertions.Password));
        await Expect(page.Locator("#account")).ToBeVisibleAsync();
        await page.RouteAsync(
            "**/refresh*", route => route.FulfillAsync(new() { Status = 429, Headers = [new("Retry-After", "600")] }));
        await page.ReloadAsync();
        await Expect(page.Locator("#retry")).ToBeVisibleAsync();
        await CheckAsync(page, variant, "5-not-connected");

        await page.UnrouteAsync("**/refresh*");
        await page.ReloadAsync();
        await page.Locator("#logout-all").ClickAsync();
        await CheckAsync(page, variant, "6-confirm");
        await page.Locator("dialog [value=yes]").ClickAsync();
        await Expect(page.Locator("#welcome")).ToBeVisibleAsync();
        await CheckAsync(page, variant, "7-logged-out");
        device.ShouldHaveNoErrors(400, 401, 429);
    }

    private static async Task FillAsync(IPage page, string form, params (string Field, string Text)[] values)
    {
        foreach (var (field, text) in values)
        {
            await page.Locator($"#{form} [name={field}]").FillAsync(text);
        }

        await page.Locator($"#{form} [type=submit]").ClickAsync();
    }

    /// <summary>Logs in with each of the user agents. Returns the tokens of the last.</summary>
    private async Task<Pair> LogInElsewhereAsync(string username)
    {
        Pair? last = null;
        foreach (var userAgent in UserAgents)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/login")
            {
                Content = JsonContent.Create(new { username, password = HttpAssertions.Password }),
                Headers = { { "User-Agent", userAgent } },
            };
            last = await (await server.Http.SendAsync(request, TestContext.Current.CancellationToken)).ShouldBePairAsync();
        }

        return last!;
    }

    /// <summary>Ends a session of the account from another device.</summary>
    private async Task EndSessionAsync(Pair device, string sessionId)
    {
        var pair = await server.Http.RefreshAsync(device.RefreshToken);
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/sessions/" + sessionId)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", pair.AccessToken) },
        };
        var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        await response.ShouldBeAsync(HttpStatusCode.NoContent);
    }

    private async Task CheckAsync(IPage page, string variant, string state)
    {
        Directory.CreateDirectory(Folder);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"{variant}-{state}.png"), FullPage = true });
        var isTooWide = await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth");
        Assert.False(isTooWide, "The page is wider than its window.");
        var json = await page.EvaluateAsync<string>(axe.Script + "; axe.run().then(JSON.stringify)");
        var result = JsonDocument.Parse(json).RootElement;
        var violations = result.GetProperty("violations").EnumerateArray();
        Assert.Empty(violations.Select(violation => $"{violation.GetProperty("id")}: {violation.GetProperty("nodes")}"));
        Assert.True(result.GetProperty("passes").GetArrayLength() > 10);
    }
}
