using System.Text.Json;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The account page, used as by a person.</summary>
public sealed class AccountPageTests(Chromium chromium, RunningServer server)
    : IClassFixture<Chromium>, IClassFixture<RunningServer>
{
    [Fact]
    public async Task User_can_register_log_out_and_log_in()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("registered");
        await page.CallAsync();
        await page.ReloadAsync();
        await page.ShouldBeLoggedInAsync("registered");
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Log in" })).ToBeVisibleAsync();
        Assert.Empty(await device.RefreshCookiesAsync());
        await page.CloseAsync();
        await device.LogInAsync("registered");
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Form_error_is_shown_and_keeps_input()
    {
        await using var device = await NewDeviceAsync();
        await server.Http.RegisterAsync("mistaken");
        var page = await device.OpenAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Log in" });
        await form.GetByLabel("User name").FillAsync("mistaken");
        await form.GetByLabel("Password").FillAsync("wrong");
        await form.GetByLabel("Password").PressAsync("Enter");
        await Expect(form.GetByRole(AriaRole.Alert)).ToHaveTextAsync("User name or password is wrong.");
        await Expect(form.GetByLabel("User name")).ToHaveValueAsync("mistaken");

        await page.Button("Create an account").ClickAsync();
        form = page.GetByRole(AriaRole.Form, new() { Name = "Create an account" });
        await form.GetByLabel("User name").FillAsync("mistaken");
        await form.GetByLabel("Password").FillAsync("abc");
        await form.GetByLabel("Password").PressAsync("Enter");
        await Expect(form.GetByLabel("Password")).ToBeFocusedAsync();
        await Expect(form.GetByLabel("Password")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(form.GetByLabel("Password")).ToHaveAccessibleDescriptionAsync(
            new Regex("^It must have .* At least 8 characters"));
        await form.GetByLabel("Password").FillAsync(HttpAssertions.Password);
        await form.GetByLabel("Password").PressAsync("Enter");
        await Expect(form.GetByRole(AriaRole.Alert)).ToHaveTextAsync("This user name is taken.");
        device.ShouldHaveNoErrors(400, 401, 409);
    }

    [Fact]
    public async Task Unreachable_server_is_shown_and_ends_no_session()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("unreachable");
        await page.RouteAsync("**/refresh*", route => route.FulfillAsync(new() { Status = 502, Body = "" }));
        await page.ReloadAsync();
        await Expect(page.GetByText("Connecting…")).ToBeVisibleAsync();
        await Expect(page.Button("Try again")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.GetByRole(AriaRole.Form)).ToHaveCountAsync(0);
        await page.UnrouteAsync("**/refresh*");
        await page.Button("Try again").ClickAsync();
        await page.ShouldBeLoggedInAsync("unreachable");
        device.ShouldHaveNoErrors(502);
    }

    [Fact]
    public async Task Longest_name_fits_into_narrow_window()
    {
        await using var device = await NewDeviceAsync(options => options.ViewportSize = new() { Width = 360, Height = 740 });
        var (username, displayName) = (new string('m', 64), new string('W', 64));
        await server.Http.PostAsync("/register", new { username, password = HttpAssertions.Password, displayName });
        var page = await device.OpenAsync();
        await page.LogInAsync(username);
        await page.ShouldBeLoggedInAsync(displayName);
        Assert.False(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth"));
    }

    [Fact]
    public async Task Page_can_be_used_with_keyboard_only()
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
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "keyboard" })).ToBeFocusedAsync();
        await TabToAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Devices" }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Devices" })).ToBeFocusedAsync();
        await TabToAsync(page, page.Button("Log out everywhere"));
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, page.Button("Cancel"));
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Injected_script_can_read_no_refresh_token()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("secret");
        await page.CallAsync();
        await page.ReloadAsync();
        await page.ShouldBeLoggedInAsync("secret");
        var cookie = Assert.Single(await device.RefreshCookiesAsync());
        Assert.Equal(("__Host-refresh", true, true, SameSiteAttribute.Strict, "/", "localhost"),
            (cookie.Name, cookie.HttpOnly, cookie.Secure, cookie.SameSite, cookie.Path, cookie.Domain));

        var readable = await page.EvaluateAsync<string>(
            "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])");
        Assert.DoesNotContain(cookie.Value, readable, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", readable, StringComparison.Ordinal);
        Assert.Equal("[\"\",", readable[..4]);

        // A request for another transport does not return it either.
        var refreshed = await page.EvaluateAsync<string>(
            "fetch('/refresh?transport=body', { method: 'POST' }).then(response => response.text())");
        Assert.Contains("accessToken", refreshed, StringComparison.Ordinal);
        Assert.DoesNotContain("refreshToken", refreshed, StringComparison.Ordinal);
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Page_is_korean_in_korean_browser()
    {
        await using var device = await NewDeviceAsync(options => options.Locale = "ko-KR");
        var page = await device.OpenAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "ko");
        var texts = await page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('#welcome :is(label, button, h1)')].map(e => e.textContent).filter(Boolean)");
        Assert.True(texts.Length > 20);
        Assert.All(texts, text => Assert.Matches("[가-힣]", text));

        await page.GetByRole(AriaRole.Button, new() { Name = "계정 만들기" }).ClickAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "계정 만들기" });
        await form.GetByLabel("사용자 이름").FillAsync("korean");
        await form.GetByLabel("비밀번호").FillAsync("abc");
        await form.GetByLabel("비밀번호").PressAsync("Enter");
        await Expect(form.Locator(".field-problem")).ToHaveTextAsync("너무 짧거나 길거나(최대 256자) 추측하기 쉽습니다.");
        await form.GetByLabel("비밀번호").FillAsync(HttpAssertions.Password);
        await form.GetByLabel("비밀번호").PressAsync("Enter");
        await page.ShouldBeLoggedInAsync("korean");
        await page.ShowAsync("기기");
        await Expect(page.Locator("#devices")).ToContainTextAsync("Chrome · Linux");
        device.ShouldHaveNoErrors(400);
    }

    [Fact]
    public async Task More_sessions_are_shown_page_by_page()
    {
        await using var device = await NewDeviceAsync();
        await device.Context.RouteAsync("**/sessions?*", async route =>
        {
            var isLast = route.Request.Url.Contains("after=second", StringComparison.Ordinal);
            var item = new
            {
                id = isLast ? "2" : "1",
                deviceName = isLast ? "phone" : "laptop",
                lastUsedAt = DateTimeOffset.UtcNow,
                current = false,
            };
            var body = new { sessions = new[] { item }, total = 2, next = isLast ? null : "second" };
            await route.FulfillAsync(new() { ContentType = "application/json", Body = JsonSerializer.Serialize(body) });
        });
        var page = await device.RegisterAsync("several");
        await page.ShowAsync("Devices");
        await Expect(page.GetByText("Sessions shown: 1 of 2")).ToBeVisibleAsync();
        await Expect(page.Locator("#devices > li")).ToHaveCountAsync(1);
        await page.Button("Show more").ClickAsync();
        await Expect(page.GetByText("Sessions shown: 2 of 2")).ToBeFocusedAsync();
        await Expect(page.Locator("#devices > li")).ToHaveCountAsync(2);
        await Expect(page.Button("Show more")).ToBeHiddenAsync();
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Typed_name_goes_along_and_revealed_password_is_hidden()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.OpenAsync();
        var login = page.GetByRole(AriaRole.Form, new() { Name = "Log in" });
        await login.GetByLabel("User name").FillAsync("ada");
        await login.GetByLabel("Password").FillAsync("secret");
        await page.Button("Show Password").ClickAsync();
        await Expect(login.GetByLabel("Password")).ToHaveAttributeAsync("type", "text");
        await page.Button("Forgot your password?").ClickAsync();
        await page.Locator("#mail-form [name=username]").FillAsync("grace");
        await page.Button("Back to login").ClickAsync();
        await Expect(login.GetByLabel("User name")).ToHaveValueAsync("grace");
        await Expect(login.GetByLabel("Password")).ToHaveAttributeAsync("type", "password");
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Browser_that_refuses_storage_logs_in_and_keeps_language()
    {
        await using var device = await NewDeviceAsync();
        await device.Context.AddInitScriptAsync(
            """
            for (const name of ['localStorage', 'sessionStorage']) {
              Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
            }
            """);
        var page = await device.RegisterAsync("unstored");
        await page.GetByLabel("Theme").SelectOptionAsync("dark");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.GetByLabel("Language", new() { Exact = true }).SelectOptionAsync("ko");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "ko");
        await page.ShouldBeLoggedInAsync("unstored");
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Providers_are_loaded_again_after_failure()
    {
        await using var device = await NewDeviceAsync();
        await device.Context.RouteAsync("**/login/external", route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = """{"providers":[{"id":"acme","name":"Acme"}]}""",
        }));
        await device.Context.RouteAsync(
            "**/login/external", route => route.FulfillAsync(new() { Status = 503 }), new() { Times = 1 });
        var page = await device.OpenAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Continue with Acme" })).ToBeVisibleAsync();
        device.ShouldHaveNoErrors(503);
    }

    [Fact]
    public async Task Fault_of_page_is_no_failure_of_network()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.OpenAsync();
        var said = await page.EvaluateAsync<string>(
            "import('./account/forms.js').then(({ messageOf }) => messageOf(new TypeError('a fault')))");
        Assert.Equal("Something went wrong (TypeError).", said);
        await page.RouteAsync("**/login?*", route => route.AbortAsync());
        await page.LogInAsync("ada");
        await Expect(page.Locator("#login-form .problem")).ToContainTextAsync("The server cannot be reached.");
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

        Assert.Fail("The element can't be reached with the tab key.");
    }

    private Task<BrowserDevice> NewDeviceAsync(Action<BrowserNewContextOptions>? change = null) =>
        chromium.NewDeviceAsync(server.Http.BaseAddress!, change);
}
