using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The devices of an account, and the messages when a session ends.</summary>
public sealed class LogoutTests(Chromium chromium, RunningServer server)
    : IClassFixture<Chromium>, IClassFixture<RunningServer>
{
    private const string LoggedOutByOtherDevice =
        "You are no longer logged in: logged out from another device, or after a security change.";

    [Fact]
    public async Task Logout_in_one_tab_is_shown_in_other_tab()
    {
        await using var device = await NewDeviceAsync();
        var first = await device.RegisterAsync("tabs");
        var second = await device.OpenAsync();
        await second.ShouldBeLoggedInAsync("tabs");
        await first.Button("Log out").First.ClickAsync();
        await first.ShouldBeLoggedOutAsync("You are logged out.");
        await second.ShouldBeLoggedOutAsync("You are no longer logged in: you logged out.");
        await first.CloseAsync();
        var third = await device.LogInAsync("tabs");
        await second.ShouldBeLoggedInAsync("tabs");
        await second.CallAsync();
        await third.CallAsync();
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Logout_from_another_device_is_shown_at_next_call()
    {
        await using var laptop = await NewDeviceAsync();
        await using var phone = await NewDeviceAsync();
        var here = await laptop.RegisterAsync("elsewhere");
        var there = await phone.LogInAsync("elsewhere");
        await there.ShowAsync("Devices");
        var button = there.GetByRole(AriaRole.Button, new() { Name = "Log out Chrome on Linux" });
        await button.ClickAsync();
        await Expect(button).ToHaveCountAsync(0);
        await there.GetByText("Sessions ended in the last 30 days").ClickAsync();
        await Expect(there.Locator("#ended-devices")).ToContainTextAsync("logged out from another device");

        await here.CallAfterEndAsync();
        await here.ShouldBeLoggedOutAsync(LoggedOutByOtherDevice);
        await Expect(here.GetByRole(AriaRole.Status)).ToBeFocusedAsync();
        laptop.ShouldHaveNoErrors(401);
        phone.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Logout_from_another_device_is_shown_when_page_is_reopened()
    {
        await using var laptop = await NewDeviceAsync();
        await using var phone = await NewDeviceAsync();
        var here = await laptop.RegisterAsync("closed");
        await here.CloseAsync();
        var there = await phone.LogInAsync("closed");
        await there.ShowAsync("Devices");
        await there.GetByRole(AriaRole.Button, new() { Name = "Log out Chrome on Linux" }).ClickAsync();
        await Expect(there.GetByRole(AriaRole.Status)).ToHaveTextAsync("The device is logged out.");
        here = await laptop.OpenAsync();
        await here.ShouldBeLoggedOutAsync(LoggedOutByOtherDevice);
        await here.ReloadAsync();
        await here.ShouldBeLoggedOutAsync("");
        laptop.ShouldHaveNoErrors(401);
    }

    [Fact]
    public async Task Logout_everywhere_requires_confirmation()
    {
        await using var laptop = await NewDeviceAsync();
        await using var phone = await NewDeviceAsync();
        var here = await laptop.RegisterAsync("everywhere");
        var there = await phone.LogInAsync("everywhere");
        await here.ShowAsync("Devices");
        await here.Button("Log out everywhere").ClickAsync();
        await here.Button("Cancel").ClickAsync();
        await here.CallAsync();
        await here.Button("Log out everywhere").ClickAsync();
        await here.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Log out everywhere" }).ClickAsync();
        await here.ShouldBeLoggedOutAsync("You are logged out.");
        await there.CallAfterEndAsync();
        await there.ShouldBeLoggedOutAsync("You are no longer logged in: all devices were logged out.");
        laptop.ShouldHaveNoErrors();
        phone.ShouldHaveNoErrors(401);
    }

    [Fact]
    public async Task Confirmation_closes_when_another_user_logs_in()
    {
        await using var device = await NewDeviceAsync();
        await server.Http.RegisterAsync("successor");
        var page = await device.RegisterAsync("predecessor");
        var other = await device.OpenAsync();
        await other.ShouldBeLoggedInAsync("predecessor");

        // A list that is still being loaded would be refused after the logout.
        await page.ShowAsync("Devices");
        await Expect(page.GetByText("This device", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(other.Locator("#profile-card .row").First).ToBeVisibleAsync();
        await page.Button("Log out everywhere").ClickAsync();
        await other.Button("Log out").First.ClickAsync();
        await other.ShouldBeLoggedOutAsync("You are logged out.");
        await other.LogInAsync("successor");
        await page.ShouldBeLoggedInAsync("successor");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await page.CallAsync();
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Escape_cancels_logout_even_after_earlier_confirmation()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("escape");
        await page.ShowAsync("Devices");
        await page.Button("Log out everywhere").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Log out everywhere" }).ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        await page.LogInAsync("escape");
        await page.ShouldBeLoggedInAsync("escape");
        await page.Button("Log out everywhere").ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await page.CallAsync();
        await page.ShouldBeLoggedInAsync("escape");
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Next_user_sees_no_data_of_previous_user()
    {
        await using var device = await NewDeviceAsync();
        await server.Http.RegisterAsync("next");
        var page = await device.RegisterAsync("former");
        await page.ShowAsync("Devices");
        await Expect(page.Locator("#devices > li")).ToHaveCountAsync(1);
        await page.CallAsync();
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        foreach (var list in new[] { "#devices", "#ended-devices", "#devices-shown" })
        {
            await Expect(page.Locator(list)).ToBeEmptyAsync();
        }

        await page.RouteAsync("**/sessions*", route => route.AbortAsync());
        await page.LogInAsync("next");
        await page.ShouldBeLoggedInAsync("next");
        Assert.DoesNotContain("former", await page.Locator("#account").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Focused_button_keeps_focus_while_token_is_renewed()
    {
        await using var laptop = await NewDeviceAsync();
        await using var phone = await NewDeviceAsync();
        var page = await laptop.RegisterAsync("focused");
        await phone.LogInAsync("focused");
        await page.CallAsync();
        await page.ShowAsync("Devices");
        await page.ReloadAsync();
        var other = page.GetByRole(AriaRole.Button, new() { Name = "Log out Chrome on Linux" });
        await other.FocusAsync();
        await page.RunAndWaitForResponseAsync(
            () => page.EvaluateAsync(
                "import('/authserver-client.js').then(module => module.createAuthClient().fetch('/me'))"),
            "**/refresh*");
        await Expect(other).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The device is logged out.");
        await Expect(other).ToHaveCountAsync(0);
        laptop.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Changed_password_logs_out_other_devices()
    {
        await using var laptop = await NewDeviceAsync();
        await using var phone = await NewDeviceAsync();
        var here = await laptop.RegisterAsync("password");
        var there = await phone.LogInAsync("password");
        var dialog = await here.ChangePasswordAsync("wrong", "another horse battery staple");
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The current password is wrong.");
        await here.ChangePasswordAsync(HttpAssertions.Password, "another horse battery staple");
        await Expect(here.GetByRole(AriaRole.Status))
            .ToHaveTextAsync("Your password was changed. All your other devices were logged out.");
        await here.CallAsync();
        await there.CallAfterEndAsync();
        await there.ShouldBeLoggedOutAsync("You are no longer logged in: the password was changed on another device.");
        laptop.ShouldHaveNoErrors(401);
    }

    [Fact]
    public async Task Changed_password_keeps_all_tabs_and_makes_copy_of_cookie_reuse()
    {
        await using var device = await NewDeviceAsync();
        var first = await device.RegisterAsync("copied");
        var second = await device.OpenAsync();
        await second.ShouldBeLoggedInAsync("copied");
        await second.KeepCallingAsync();
        var copy = Assert.Single(await device.RefreshCookiesAsync()).Value;

        await first.ChangePasswordAsync(HttpAssertions.Password, "another horse battery staple");
        await Expect(first.GetByRole(AriaRole.Status))
            .ToHaveTextAsync("Your password was changed. All your other devices were logged out.");
        foreach (var page in new[] { first, second })
        {
            await page.ReloadAsync();
            await page.ShouldBeLoggedInAsync("copied");
        }

        device.ShouldHaveNoErrors();
        var reused = await server.Http.PresentAsync(copy);
        await reused.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "refresh_token_reused");
    }

    private Task<BrowserDevice> NewDeviceAsync() => chromium.NewDeviceAsync(server.Http.BaseAddress!);
}
