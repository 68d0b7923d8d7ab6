using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>What a person does with the account page.</summary>
public sealed class AccountPageTests(Chromium chromium, RunningServer server) : IClassFixture<Chromium>, IClassFixture<RunningServer>
{
    [Fact]
    public async Task Account_is_made_left_and_entered_again()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("made");
        await page.CallAsync();
        await page.ReloadAsync();
        await page.ShouldBeLoggedInAsync("made");
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Log in" })).ToBeVisibleAsync();
        Assert.Empty(await device.Context.CookiesAsync());
        await page.CloseAsync();
        await device.LogInAsync("made");
        device.ShouldBeContent();
    }

    [Fact]
    public async Task Mistake_in_a_form_is_said_and_loses_nothing()
    {
        await using var device = await NewDeviceAsync();
        await server.Http.RegisterAsync("mistaken");
        var page = await device.OpenAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Log in" });
        await form.GetByLabel("User name").FillAsync("mistaken");
        await form.GetByLabel("Password").FillAsync("wrong");
        await form.GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(form.GetByRole(AriaRole.Alert)).ToHaveTextAsync("User name or password is wrong.");
        await Expect(form.GetByLabel("User name")).ToHaveValueAsync("mistaken");

        await page.Button("Create an account").ClickAsync();
        form = page.GetByRole(AriaRole.Form, new() { Name = "Create an account" });
        await form.GetByLabel("User name").FillAsync("mistaken");
        await form.GetByLabel("Password").FillAsync("abc");
        await form.GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(form.GetByLabel("Password")).ToBeFocusedAsync();
        await Expect(form.GetByLabel("Password")).ToHaveAttributeAsync("aria-invalid", "true");
        await form.GetByLabel("Password").FillAsync(HttpAssertions.Password);
        await form.GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(form.GetByRole(AriaRole.Alert)).ToHaveTextAsync("This user name is taken.");
        device.ShouldBeContent(400, 401, 409);
    }

    [Fact]
    public async Task Server_that_is_away_is_said_and_logs_nobody_out()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("away");
        await page.RouteAsync("**/refresh*", route => route.FulfillAsync(new() { Status = 502, Body = "" }));
        await page.ReloadAsync();
        await Expect(page.GetByText("Connecting…")).ToBeVisibleAsync();
        await Expect(page.Button("Try again")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.GetByRole(AriaRole.Form)).ToHaveCountAsync(0);
        await page.UnrouteAsync("**/refresh*");
        await page.Button("Try again").ClickAsync();
        await page.ShouldBeLoggedInAsync("away");
        device.ShouldBeContent(502);
    }

    [Fact]
    public async Task Longest_name_fits_the_narrowest_window()
    {
        await using var device = await NewDeviceAsync(options => options.ViewportSize = new() { Width = 360, Height = 740 });
        await server.Http.PostAsync("/register", new { username = new string('m', 64), password = HttpAssertions.Password, displayName = new string('W', 64) });
        var page = await device.OpenAsync();
        await page.LogInAsync(new string('m', 64));
        await page.ShouldBeLoggedInAsync(new string('W', 64));
        Assert.False(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth"));
    }

    [Fact]
    public async Task Page_is_used_by_keyboard_alone()
    {
        await using var device = await NewDeviceAsync();
        await server.Http.RegisterAsync("keyboard");
        var page = await device.OpenAsync();
        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Log in" })).ToBeVisibleAsync();
        await TabToAsync(page, page.GetByRole(AriaRole.Form, new() { Name = "Log in" }).GetByLabel("User name"));
        await page.Keyboard.TypeAsync("keyboard");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(HttpAssertions.Password);
        await page.Keyboard.PressAsync("Enter");
        await page.ShouldBeLoggedInAsync("keyboard");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Hello, keyboard" })).ToBeFocusedAsync();
        await TabToAsync(page, page.Button("Call GET /me"));
        await page.RunAndWaitForResponseAsync(() => page.Keyboard.PressAsync("Enter"), "**/me");
        await TabToAsync(page, page.Button("Log out everywhere"));
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, page.Button("Cancel"));
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        device.ShouldBeContent();
    }

    [Fact]
    public async Task No_token_can_be_read_by_a_script_that_gets_into_the_page()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("secret");
        await page.CallAsync();
        await page.ReloadAsync();
        await page.ShouldBeLoggedInAsync("secret");
        var cookie = Assert.Single(await device.Context.CookiesAsync());
        Assert.Equal(("__Host-refresh", true, true, SameSiteAttribute.Strict, "/", "localhost"),
            (cookie.Name, cookie.HttpOnly, cookie.Secure, cookie.SameSite, cookie.Path, cookie.Domain));

        var readable = await page.EvaluateAsync<string>(
            "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])");
        Assert.DoesNotContain(cookie.Value, readable, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", readable, StringComparison.Ordinal);
        Assert.Equal("[\"\",", readable[..4]);

        // Not even by asking the server for another transport.
        var refreshed = await page.EvaluateAsync<string>("fetch('/refresh?transport=body', { method: 'POST' }).then(answer => answer.text())");
        Assert.Contains("accessToken", refreshed, StringComparison.Ordinal);
        Assert.DoesNotContain("refreshToken", refreshed, StringComparison.Ordinal);
        device.ShouldBeContent();
    }

    [Fact]
    public async Task Page_speaks_korean_where_the_browser_does()
    {
        await using var device = await NewDeviceAsync(options => options.Locale = "ko-KR");
        var page = await device.OpenAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "ko");
        var texts = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('[data-text]')].map(e => e.textContent)");
        Assert.All(texts, text => Assert.Matches("[가-힣]", text));

        await page.GetByRole(AriaRole.Button, new() { Name = "계정 만들기" }).ClickAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "계정 만들기" });
        await form.GetByLabel("사용자 이름").FillAsync("korean");
        await form.GetByLabel("비밀번호").FillAsync("abc");
        await form.GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(form.GetByRole(AriaRole.Alert)).ToHaveTextAsync("비밀번호: 너무 짧거나, 너무 길거나(256자까지), 추측하기 쉽습니다.");
        await form.GetByLabel("비밀번호").FillAsync(HttpAssertions.Password);
        await form.GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "korean 님, 안녕하세요" })).ToBeVisibleAsync();
        await Expect(page.Locator("#devices")).ToContainTextAsync("Linux의 Chrome");
        device.ShouldBeContent(400);
    }

    private static async Task TabToAsync(IPage page, ILocator target)
    {
        for (var presses = 0; presses < 40; presses++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail("Not reached by the tab key.");
    }

    private Task<BrowserDevice> NewDeviceAsync(Action<BrowserNewContextOptions>? change = null) =>
        chromium.NewDeviceAsync(server.Http.BaseAddress!, change);
}
