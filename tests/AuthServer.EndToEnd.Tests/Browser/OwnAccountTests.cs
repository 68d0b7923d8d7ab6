using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The parts of the account page in which users change their account.</summary>
public sealed class OwnAccountTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly DataFolder data = new();
    private ServerProcess? server;

    public async ValueTask InitializeAsync()
    {
        var port = LoopbackPort.Free();
        server = await ServerProcess.StartAsync(data, $"urls=http://127.0.0.1:{port}", $"Tokens:Issuer=http://localhost:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        await server!.DisposeAsync();
        data.Dispose();
    }

    [Fact]
    public async Task Profile_shows_what_its_user_changes()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("ada");
        await page.Button("Change: Display name").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Display name").FillAsync("Ada Lovelace");
        await page.Button("Save").ClickAsync();
        await page.ShouldBeLoggedInAsync("Ada Lovelace");
        await page.Button("Add: Email address").ClickAsync();
        var field = page.GetByRole(AriaRole.Dialog).GetByLabel("Email address");
        await field.FillAsync("ada");
        await page.Button("Send the link").ClickAsync();
        await Expect(field).ToHaveAccessibleDescriptionAsync("This is not an email address.");
        await field.FillAsync("ada@example.com");
        await page.Button("Send the link").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("We have sent a link to ada@example.com.");
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Fresh_proof_is_asked_for_in_place_and_act_goes_on()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("ada");
        await page.RefuseOnceAsync("**/me/export");
        await page.ShowAsync("Your data");
        await page.Button("Download").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Password").FillAsync("wrong");
        await page.Button("Continue").ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToHaveTextAsync("That is not right. Try again.");
        await dialog.GetByLabel("Password").FillAsync(HttpAssertions.Password);
        var download = await page.RunAndWaitForDownloadAsync(() => page.Button("Continue").ClickAsync());
        Assert.Equal("ada.json", download.SuggestedFilename);
        await Expect(dialog).ToHaveCountAsync(0);
        device.ShouldHaveNoErrors(401, 403);
    }

    [Fact]
    public async Task Account_is_deleted_once_its_name_was_typed()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("ada");
        var other = await device.OpenAsync();
        await other.ShouldBeLoggedInAsync("ada");
        await page.ShowAsync("Your data");
        await page.Button("Delete account").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Type ada to confirm").FillAsync("Ada");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete account" }).ClickAsync();
        await Expect(dialog.GetByLabel("Type ada to confirm")).ToHaveAttributeAsync("aria-invalid", "true");
        await dialog.GetByLabel("Type ada to confirm").FillAsync("ada");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete account" }).ClickAsync();
        await page.ShouldBeLoggedOutAsync("Your account was deleted.");
        await other.ShouldBeLoggedOutAsync("Your account was deleted.");
        await page.LogInAsync("ada");
        await Expect(page.GetByText("User name or password is wrong.")).ToBeVisibleAsync();
        device.ShouldHaveNoErrors(401);
    }

    [Fact]
    public async Task Passkey_logs_in_by_button_and_by_field_and_proves_again()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.OpenAsync();
        var authenticator = await VirtualAuthenticator.AddAsync(page);
        await page.Button("Create an account").ClickAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Create an account" });
        await form.GetByLabel("User name").FillAsync("ada");
        await form.GetByLabel("Password").FillAsync(HttpAssertions.Password);
        await form.GetByLabel("Password").PressAsync("Enter");
        await page.ShouldBeLoggedInAsync("ada");
        await page.ShowAsync("Login & security");
        await page.Button("Add a passkey").ClickAsync();
        await Expect(page.Locator("dialog .codes li")).ToHaveCountAsync(10);

        // Chrome lets no page refuse the second one.
        for (var presses = 0; presses < 3; presses++)
        {
            await page.Keyboard.PressAsync("Escape");
        }

        await page.Button("Done").ClickAsync();
        await Expect(page.GetByText("not used yet")).ToBeVisibleAsync();

        await page.RefuseOnceAsync("**/second-factors/totp");
        await page.Button("Set up").ClickAsync();
        await page.Button("Use a passkey").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "QR code" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");

        await authenticator.SetPresenceAsync(false);
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        await authenticator.SetPresenceAsync(true);
        await page.ReloadAsync();

        // The field has offered the passkey, and its user has taken it.
        await page.ShouldBeLoggedInAsync("ada");
        await authenticator.SetPresenceAsync(false);
        await page.RunAndWaitForResponseAsync(() => page.Button("Log out").First.ClickAsync(), "**/login/passkey/options");
        await page.ShouldBeLoggedOutAsync("You are logged out.");

        // Questions from before the user was present stay open, as that of the field does here.
        await authenticator.SetPresenceAsync(true);
        await page.Button("Log in with a passkey").ClickAsync();
        await page.ShouldBeLoggedInAsync("ada");
        device.ShouldHaveNoErrors(403);
    }

    [Fact]
    public async Task Late_answer_of_former_user_is_dropped()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("ada");
        var answer = new TaskCompletionSource();
        await page.RouteAsync("**/second-factors", route => HoldAsync(route, answer.Task), new() { Times = 1 });
        await page.RunAndWaitForRequestAsync(() => page.ShowAsync("Login & security"), "**/second-factors");
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        await server!.Http.RegisterAsync("grace");
        await page.LogInAsync("grace");
        await Expect(page.Locator("#security-cards .card")).ToHaveCountAsync(3);
        await page.EvaluateAsync("document.querySelector('#security-cards').firstChild.id = 'of-grace'");
        await page.RunAndWaitForRequestFinishedAsync(
            () =>
            {
                answer.SetResult();
                return Task.CompletedTask;
            },
            new() { Predicate = request => request.Url.EndsWith("/second-factors", StringComparison.Ordinal) });
        await page.CallAsync();
        await Expect(page.Locator("#of-grace")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToBeEmptyAsync();
    }

    [Fact]
    public async Task New_codes_are_shown_also_if_their_question_was_closed()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("ada");
        await VirtualAuthenticator.AddAsync(page);
        await page.ShowAsync("Login & security");
        await page.Button("Add a passkey").ClickAsync();
        await page.Button("Done").ClickAsync();
        var answer = new TaskCompletionSource();
        await page.RouteAsync("**/recovery-codes", route => HoldAsync(route, answer.Task), new() { Times = 1 });
        await page.Button("New codes").ClickAsync();
        var make = page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "New codes" });
        await page.RunAndWaitForRequestAsync(() => make.ClickAsync(), "**/recovery-codes");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        answer.SetResult();
        await Expect(page.Locator("dialog .codes li")).ToHaveCountAsync(10);
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Proof_that_browser_cannot_give_leads_to_new_login()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("ada");
        await page.RefuseOnceAsync("**/me/export");
        await page.RouteAsync("**/reauthenticate/options", route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = """{"methods":[],"secondFactors":[],"state":null,"options":null}""",
        }));
        await page.ShowAsync("Your data");
        await page.Button("Download").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("log out, then log in again");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        device.ShouldHaveNoErrors(403);
    }

    private static async Task HoldAsync(IRoute route, Task until)
    {
        var answer = await route.FetchAsync();
        await until;
        await route.FulfillAsync(new() { Response = answer });
    }

    private Task<BrowserDevice> NewDeviceAsync() => chromium.NewDeviceAsync(server!.Http.BaseAddress!);
}
