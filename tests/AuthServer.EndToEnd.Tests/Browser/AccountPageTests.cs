using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>What a person does with the account page.</summary>
public sealed class AccountPageTests(Chromium chromium, RunningServer server) : IClassFixture<Chromium>, IClassFixture<RunningServer>
{
    private const string LeftByOther = "You are no longer logged in: this device was logged out from another one.";

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
    public async Task Sign_out_in_one_tab_is_said_in_the_other()
    {
        await using var device = await NewDeviceAsync();
        var first = await device.RegisterAsync("tabs");
        var second = await device.OpenAsync();
        await second.ShouldBeLoggedInAsync("tabs");
        await first.Button("Log out").First.ClickAsync();
        await first.ShouldBeLoggedOutAsync("You are logged out.");
        await second.ShouldBeLoggedOutAsync("You are no longer logged in: the session was logged out.");
        await first.CloseAsync();
        var third = await device.LogInAsync("tabs");
        await second.ShouldBeLoggedInAsync("tabs");
        await second.CallAsync();
        await third.CallAsync();
        device.ShouldBeContent();
    }

    [Fact]
    public async Task Sign_out_from_another_device_is_said_with_its_reason_at_the_next_call()
    {
        await using var laptop = await NewDeviceAsync();
        await using var phone = await NewDeviceAsync();
        var here = await laptop.RegisterAsync("elsewhere");
        var there = await phone.LogInAsync("elsewhere");
        var others = there.GetByRole(AriaRole.Button, new() { Name = "Log out Chrome on Linux" });
        await others.ClickAsync();
        await Expect(others).ToHaveCountAsync(0);
        await there.GetByText("Ended in the last 30 days").ClickAsync();
        await Expect(there.Locator("#ended-devices")).ToContainTextAsync("this device was logged out from another one");

        await here.Button("Call GET /me").ClickAsync();
        await Expect(here.GetByRole(AriaRole.Status)).ToHaveTextAsync(LeftByOther, new() { Timeout = 1000 });
        await here.ShouldBeLoggedOutAsync(LeftByOther);
        await Expect(here.GetByRole(AriaRole.Status)).ToBeFocusedAsync();
        laptop.ShouldBeContent(401);
        phone.ShouldBeContent();
    }

    [Fact]
    public async Task Sign_out_from_another_device_is_said_when_the_page_is_opened_again()
    {
        await using var laptop = await NewDeviceAsync();
        await using var phone = await NewDeviceAsync();
        var here = await laptop.RegisterAsync("closed");
        await here.CloseAsync();
        var there = await phone.LogInAsync("closed");
        await there.GetByRole(AriaRole.Button, new() { Name = "Log out Chrome on Linux" }).ClickAsync();
        await Expect(there.GetByRole(AriaRole.Status)).ToHaveTextAsync("The device is logged out.");
        here = await laptop.OpenAsync();
        await here.ShouldBeLoggedOutAsync(LeftByOther);
        await here.ReloadAsync();
        await here.ShouldBeLoggedOutAsync("");
        laptop.ShouldBeContent(401);
    }

    [Fact]
    public async Task Sign_out_everywhere_asks_first()
    {
        await using var laptop = await NewDeviceAsync();
        await using var phone = await NewDeviceAsync();
        var here = await laptop.RegisterAsync("everywhere");
        var there = await phone.LogInAsync("everywhere");
        await here.Button("Log out everywhere").ClickAsync();
        await here.Button("Cancel").ClickAsync();
        await here.CallAsync();
        await here.Button("Log out everywhere").ClickAsync();
        await here.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Log out everywhere" }).ClickAsync();
        await here.ShouldBeLoggedOutAsync("You are logged out.");
        await there.Button("Call GET /me").ClickAsync();
        await there.ShouldBeLoggedOutAsync("You are no longer logged in: all devices were logged out.");
        laptop.ShouldBeContent();
        phone.ShouldBeContent(401);
    }

    [Fact]
    public async Task Escape_leaves_the_question_unanswered_even_after_a_yes()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("escape");
        await page.Button("Log out everywhere").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Log out everywhere" }).ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Log in" });
        await form.GetByLabel("User name").FillAsync("escape");
        await form.GetByLabel("Password").FillAsync(HttpAssertions.Password);
        await page.Keyboard.PressAsync("Enter");
        await page.ShouldBeLoggedInAsync("escape");
        await page.Button("Log out everywhere").ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await page.CallAsync();
        await page.ShouldBeLoggedInAsync("escape");
        device.ShouldBeContent();
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
    public async Task Next_user_sees_nothing_of_the_last()
    {
        await using var device = await NewDeviceAsync();
        await server.Http.RegisterAsync("next");
        var page = await device.RegisterAsync("former");
        await Expect(page.Locator("#devices > li")).ToHaveCountAsync(1);
        await page.CallAsync();
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        foreach (var list in new[] { "#devices", "#ended-devices", "#calls", "#token-header", "#token-claims" })
        {
            await Expect(page.Locator(list)).ToBeEmptyAsync();
        }

        await page.RouteAsync("**/sessions*", route => route.AbortAsync());
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Log in" });
        await form.GetByLabel("User name").FillAsync("next");
        await form.GetByLabel("Password").FillAsync(HttpAssertions.Password);
        await page.Keyboard.PressAsync("Enter");
        await page.ShouldBeLoggedInAsync("next");
        Assert.DoesNotContain("former", await page.Locator("#account").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Button_that_has_the_focus_stays_while_the_token_is_renewed()
    {
        await using var laptop = await NewDeviceAsync();
        await using var phone = await NewDeviceAsync();
        var page = await laptop.RegisterAsync("focused");
        await phone.LogInAsync("focused");
        await page.CallAsync();
        await page.ReloadAsync();
        var other = page.GetByRole(AriaRole.Button, new() { Name = "Log out Chrome on Linux" });
        await other.FocusAsync();
        await page.EvaluateAsync("import('/authserver-client.js').then(module => module.createAuthClient().fetch('/me'))");
        await Expect(page.Locator("#renewals")).Not.ToHaveTextAsync(new System.Text.RegularExpressions.Regex(": 0$"));
        await Expect(other).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The device is logged out.");
        await Expect(other).ToHaveCountAsync(0);
        laptop.ShouldBeContent();
    }

    [Fact]
    public async Task Longest_name_fits_the_narrowest_window()
    {
        await using var device = await NewDeviceAsync(options => options.ViewportSize = new() { Width = 360, Height = 740 });
        await server.Http.PostAsync("/register", new { username = new string('m', 64), password = HttpAssertions.Password, displayName = new string('W', 64) });
        var page = await device.OpenAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Log in" });
        await form.GetByLabel("User name").FillAsync(new string('m', 64));
        await form.GetByLabel("Password").FillAsync(HttpAssertions.Password);
        await page.Keyboard.PressAsync("Enter");
        await page.ShouldBeLoggedInAsync(new string('W', 64));
        Assert.False(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth"));
    }

    [Fact]
    public async Task Password_is_changed_and_other_devices_are_logged_out()
    {
        await using var laptop = await NewDeviceAsync();
        await using var phone = await NewDeviceAsync();
        var here = await laptop.RegisterAsync("password");
        var there = await phone.LogInAsync("password");
        var form = here.GetByRole(AriaRole.Form, new() { Name = "Change the password" });
        await form.GetByLabel("Current password").FillAsync("wrong");
        await form.GetByLabel("New password").FillAsync("another horse battery staple");
        await form.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(form.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The current password is wrong.");
        await form.GetByLabel("Current password").FillAsync(HttpAssertions.Password);
        await form.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(here.GetByRole(AriaRole.Status)).ToHaveTextAsync("The password is changed, and all other devices are logged out.");
        await here.CallAsync();
        await there.Button("Call GET /me").ClickAsync();
        await there.ShouldBeLoggedOutAsync("You are no longer logged in: the password was changed on another device.");
        laptop.ShouldBeContent(401);
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
