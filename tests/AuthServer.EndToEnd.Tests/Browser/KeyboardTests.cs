using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using OtpNet;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Each way through the pages by the keyboard alone. Source: WCAG 2.2 §2.1.1.</summary>
public sealed class KeyboardTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string Password = HttpAssertions.Password;
    private const string NewPassword = "analytical engine number two";

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
    public async Task User_registers_is_refused_logs_in_and_chooses_language_and_theme()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.OpenAsync();
        var user = new KeyboardUser(page);
        await user.PressAsync("#new-here button");
        await user.ShouldBeAtAsync("#register-form [name=username]");
        await user.SendAsync("#register-form", ("username", "ada"), ("email", "ada"), ("password", Password));
        await user.ShouldBeAtAsync("#register-form [name=email]");
        await user.SendAsync("#register-form", ("email", "ada@example.com"), ("password", "password1"));
        await user.ShouldBeAtAsync("#register-form [name=password]");
        await Expect(page.Locator("#register-form [name=password]")).ToHaveAttributeAsync("aria-invalid", "true");
        await user.SendAsync("#register-form", ("password", Password));
        await user.ShouldBeAtAsync("#hello");

        await user.PressAsync("#logout");
        await user.ShouldBeAtAsync("#login-form [name=username]");
        await user.SendAsync("#login-form", ("username", "ada"), ("password", ""));
        await user.ShouldBeAtAsync("#login-form [name=password]");
        await user.PressAsync("#login-form [name=password] + button", "Space");
        await user.ShouldBeAtAsync("#login-form [name=password]");
        await user.SendAsync("#login-form", ("password", "wrong"));
        await Expect(page.Locator("#login-form .problem")).Not.ToBeEmptyAsync();
        await user.SendAsync("#login-form", ("password", Password));
        await user.ShouldBeAtAsync("#hello");

        await user.PressAsync("#theme", "ArrowDown");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        await user.PressAsync("#language", "ArrowDown");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "ko");
        await Expect(page.Locator("#hello")).ToBeVisibleAsync();
        device.ShouldHaveNoErrors(400, 401);
    }

    [Fact]
    public async Task User_sets_up_second_factor_and_logs_in_by_code_and_by_recovery_code()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("ada");
        var user = new KeyboardUser(page);
        await user.PressAsync(".tabs [href='#security']");
        await user.ShouldBeAtAsync("#security-title");
        await user.PressAsync("#security-cards .primary");
        await user.ShouldBeAtAsync("dialog [name=code]");
        var key = await page.Locator("dialog .key").InnerTextAsync();
        var app = new Totp(Base32Encoding.ToBytes(key.Replace(" ", "", StringComparison.Ordinal)));
        await page.Keyboard.TypeAsync(app.ComputeTotp());
        await Expect(page.Locator("dialog .codes li")).ToHaveCountAsync(10);
        var recovery = await page.Locator("dialog .codes li").First.InnerTextAsync();
        await user.PressAsync("dialog [type=submit]");
        await Expect(page.Locator("#notice[data-kind=good]")).ToBeVisibleAsync();
        await user.ShouldBeAtAsync("#security-title");

        await LogOutAsync(user, page);
        await user.SendAsync("#login-form", ("username", "ada"), ("password", Password));
        await user.ShouldBeAtAsync("#factor-form [name=code]");
        await page.Keyboard.TypeAsync("000000");
        await Expect(page.Locator("#factor-form .problem")).Not.ToBeEmptyAsync();
        await user.ShouldBeAtAsync("#factor-form [name=code]");

        // The code of the next step, as that of this one is used up.
        await user.TypeAsync("#factor-form [name=code]", app.ComputeTotp(DateTime.UtcNow.AddSeconds(30)));
        await user.ShouldBeAtAsync("#hello");

        await LogOutAsync(user, page);
        await user.SendAsync("#login-form", ("username", "ada"), ("password", Password));
        await user.PressAsync("#factor-other");
        await user.ShouldBeAtAsync("#factor-form [name=code]");
        await page.Keyboard.TypeAsync(recovery);
        await page.Keyboard.PressAsync("Enter");
        await user.ShouldBeAtAsync("#hello");
        device.ShouldHaveNoErrors(401);
    }

    [Fact]
    public async Task User_sets_forgotten_password_and_changes_it()
    {
        await server!.Http.PostAsync("/register", new { username = "ada", password = Password, email = "ada@example.com" });
        await using var device = await NewDeviceAsync();
        var page = await device.OpenAsync();
        var user = new KeyboardUser(page);
        await page.GotoAsync($"{device.Server}#link={await Outbox.LinkAsync(data, "ada@example.com")}");
        await user.ShouldBeAtAsync("#link-form [type=submit]");
        await page.Keyboard.PressAsync("Enter");
        await user.ShouldBeAtAsync("#notice");

        await user.PressAsync("#forgot");
        await user.ShouldBeAtAsync("#mail-form [name=username]");
        await user.SendAsync("#mail-form", ("username", "ada@example.com"));
        await user.ShouldBeAtAsync("#sent-title");
        await page.GotoAsync($"{device.Server}#link={await Outbox.LinkAsync(data, "ada@example.com", 2)}");
        await user.ShouldBeAtAsync("#link-form [name=newPassword]");
        await user.SendAsync("#link-form", ("newPassword", "password1"));
        await user.ShouldBeAtAsync("#link-form [name=newPassword][aria-invalid]");
        await user.SendAsync("#link-form", ("newPassword", NewPassword));
        await user.ShouldBeAtAsync("#notice");
        await user.SendAsync("#login-form", ("username", "ada"), ("password", NewPassword));
        await user.ShouldBeAtAsync("#hello");

        await user.PressAsync(".tabs [href='#security']");
        await user.PressAsync("#security-cards .card:first-child button");
        await user.ShouldBeAtAsync("dialog [name=currentPassword]");
        await user.SendAsync("dialog", ("currentPassword", "wrong"), ("newPassword", Password));
        await Expect(page.Locator("dialog .problem")).Not.ToBeEmptyAsync();
        await user.SendAsync("dialog", ("currentPassword", NewPassword), ("newPassword", Password));
        await Expect(page.Locator("#notice[data-kind=good]")).ToBeVisibleAsync();
        await user.ShouldBeAtAsync("#security-title");
        device.ShouldHaveNoErrors(400, 401);
    }

    [Fact]
    public async Task User_adds_passkey_ends_device_and_deletes_account()
    {
        await using var device = await NewDeviceAsync();
        var page = await device.RegisterAsync("ada");
        var authenticator = await VirtualAuthenticator.AddAsync(page);
        var user = new KeyboardUser(page);
        await user.PressAsync(".tabs [href='#security']");
        await user.PressAsync("#security-cards .card:nth-child(2) .row button");
        await user.PressAsync("dialog [type=submit]");
        await Expect(page.Locator("#security-cards .with-icon")).ToBeVisibleAsync();
        await user.ShouldBeAtAsync("#security-title");
        await authenticator.SetPresenceAsync(false);

        await server!.Http.LogInAsync("ada");
        await user.PressAsync(".tabs [href='#devices']");
        await user.ShouldBeAtAsync("#devices-title");
        await user.PressAsync("#devices button");
        await Expect(page.Locator("#devices > li")).ToHaveCountAsync(1);
        await user.ShouldBeAtAsync("#devices-title");

        await user.PressAsync(".tabs [href='#data']");
        await user.PressAsync("#data-cards .danger");
        await user.ShouldBeAtAsync("dialog [name=confirmation]");
        await page.Keyboard.PressAsync("Escape");
        await user.ShouldBeAtAsync("#data-cards .danger");
        await page.Keyboard.PressAsync("Enter");
        await user.SendAsync("dialog", ("confirmation", "eve"));
        await user.ShouldBeAtAsync("dialog [name=confirmation][aria-invalid]");
        await user.SendAsync("dialog", ("confirmation", "ada"));
        await Expect(page.Locator("#login-form")).ToBeVisibleAsync();
        await user.ShouldBeAtAsync("#notice");
        device.ShouldHaveNoErrors();
    }

    private static async Task LogOutAsync(KeyboardUser user, IPage page)
    {
        await user.PressAsync("#logout");
        await Expect(page.Locator("#login-form")).ToBeVisibleAsync();
    }

    private Task<BrowserDevice> NewDeviceAsync() => chromium.NewDeviceAsync(server!.Http.BaseAddress!);
}
