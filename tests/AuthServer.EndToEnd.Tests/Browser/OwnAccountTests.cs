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
        await RefuseOnceAsync(page, "**/me/export");
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
        await page.ShowAsync("Your data");
        await page.Button("Delete account").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Type ada to confirm").FillAsync("Ada");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete account" }).ClickAsync();
        await Expect(dialog.GetByLabel("Type ada to confirm")).ToHaveAttributeAsync("aria-invalid", "true");
        await dialog.GetByLabel("Type ada to confirm").FillAsync("ada");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete account" }).ClickAsync();
        await page.ShouldBeLoggedOutAsync("Your account was deleted.");
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
        await page.Button("Done").ClickAsync();
        await Expect(page.GetByText("not used yet")).ToBeVisibleAsync();

        await RefuseOnceAsync(page, "**/second-factors/totp");
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

    // As if the login were older than Accounts:FreshFor.
    private static async Task RefuseOnceAsync(IPage page, string route) => await page.RouteAsync(
        route,
        answer => answer.FulfillAsync(new()
        {
            Status = 403,
            ContentType = "application/problem+json",
            Body = """{"code":"reauthentication_required","status":403}""",
        }),
        new() { Times = 1 });

    private Task<BrowserDevice> NewDeviceAsync() => chromium.NewDeviceAsync(server!.Http.BaseAddress!);
}
