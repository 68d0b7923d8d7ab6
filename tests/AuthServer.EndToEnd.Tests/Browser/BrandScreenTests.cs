using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The pages in the states that settings lead to, as <see cref="ScreenTests"/> has the others.</summary>
public sealed class BrandScreenTests(Chromium chromium, Axe axe) : IClassFixture<Chromium>, IClassFixture<Axe>, IDisposable
{
    // The states of the other class come first.
    private const int FirstState = 41;
    private const string Password = HttpAssertions.Password + "\n";
    private const string Application = "http://localhost:1/";

    private const string Logo =
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 32"><circle cx="16" cy="16" r="14" fill="#0a7d5a"/>
        <circle cx="40" cy="16" r="14" fill="#f2a03d"/></svg>
        """;

    private readonly DataFolder data = new();

    public void Dispose() => data.Dispose();

    [Theory]
    [InlineData("en-US")]
    [InlineData("ko-KR")]
    public async Task Pages_of_company_are_accessible_in_all_states_themes_and_widths(string locale)
    {
        axe.SkipUnlessInstalled();
        await AddUsersAsync();
        await using var server = await StartAsync();
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!, options =>
        {
            options.Locale = locale;
            options.ReducedMotion = ReducedMotion.Reduce;
        });
        var screens = new Screens(await device.OpenAsync(), axe, locale[..2], FirstState);
        await LogInAsync(screens, device);
        await SetUpFactorAsync(screens);
        await UseAccountAsync(screens);
        await ChooseThemeAsync(screens);
        device.ShouldHaveNoErrors(401, 403);
    }

    private async Task AddUsersAsync()
    {
        var ada = await CommandRun.RunAsync(
            data, Password, "users", "add", "ada", "--email", "ada@example.com", "--display-name", "Ada Lovelace");
        var edith = await CommandRun.RunAsync(data, Password, "users", "add", "edith", "--role", "editor");
        Assert.Equal((0, 0), (ada.Code, edith.Code));
    }

    private async Task<ServerProcess> StartAsync()
    {
        var port = LoopbackPort.Free();
        var logo = Path.Combine(data.Root, "logo.svg");
        await File.WriteAllTextAsync(logo, Logo, TestContext.Current.CancellationToken);
        return await ServerProcess.StartAsync(
            data,
            [
                $"urls=http://127.0.0.1:{port}",
                $"Tokens:Issuer=http://localhost:{port}",
                "Accounts:Registration=false",
                "Accounts:RequireSecondFactor:0=editor",
                "ForwardAuth:Enabled=true",
                $"ForwardAuth:Origins:0={Application.TrimEnd('/')}",
                "Branding:Name=Harbour & Meadow Insurance",
                $"Branding:Logo={logo}",
                "Branding:Color=#0a7d5a",
                "Branding:Terms=https://example.com/terms",
                "Branding:Privacy=https://example.com/privacy",
                "Branding:Support=https://example.com/help",
                .. ProviderOf("google", "Google"),
                .. ProviderOf("harbour", "Harbour employees"),
            ]);
    }

    // A provider that is away: its page is no state of ours.
    private static IEnumerable<string> ProviderOf(string id, string name) => ServerWithProvider.Settings
        .Select(setting => $"{setting.Key.Replace("acme", id, StringComparison.Ordinal)}={setting.Value}")
        .Append($"ExternalLogins:Providers:{id}:Name={name}");

    private static async Task LogInAsync(Screens screens, BrowserDevice device)
    {
        var page = screens.Page;
        await Expect(page.Locator("#providers a")).ToHaveCountAsync(2);
        await Expect(page.Locator("#new-here")).ToBeHiddenAsync();
        await screens.CheckAsync("login-of-company");
        await page.GotoAsync(new Uri(device.Server, "?return_to=" + Application).ToString());
        await Expect(page.Locator("html[data-transport=session] #providers a")).ToHaveCountAsync(2);
        await screens.CheckAsync("login-of-application");
        await page.GotoAsync($"{device.Server}?error=access_denied&error_description=access_denied&provider=google");
        await Expect(page.Locator("#notice[data-kind=bad]")).ToBeVisibleAsync();
        await screens.CheckAsync("login-of-provider-failed");
    }

    private static async Task SetUpFactorAsync(Screens screens)
    {
        var page = screens.Page;
        await LogInAsync(page, "edith");
        await Expect(page.Locator("dialog .key")).ToBeVisibleAsync();
        await screens.CheckAsync("authenticator-first");
        await page.Keyboard.PressAsync("Escape");
    }

    private async Task UseAccountAsync(Screens screens)
    {
        var page = screens.Page;
        await LogInAsync(page, "ada");
        await Expect(page.Locator("#profile-card .row").First).ToBeVisibleAsync();

        // As a user has it who came by the provider: without a password, so that a mail is the fresh proof.
        data.Execute(
            """
            INSERT INTO external_identities (id, user_id, provider, subject, name, created_at)
            SELECT randomblob(16), id, 'google', '1', 'ada.lovelace@example.com', 1790000000000 FROM users WHERE username = 'ada';
            UPDATE users SET verified_email = email,
              password_hash = '$2a$04$.....................................................' WHERE username = 'ada';
            """);
        await page.Locator(".tabs [href='#security']").ClickAsync();
        await Expect(page.Locator("#security-cards .with-icon")).ToHaveCountAsync(1);
        await screens.CheckAsync("linked-accounts");
        await page.RefuseOnceAsync("**/external-logins/*");
        await page.Locator("#security-cards .with-icon .danger").ClickAsync();
        await screens.CheckAsync("linked-account-remove");
        await page.Locator("dialog [type=submit]").ClickAsync();
        await Expect(page.Locator("dialog")).ToHaveCountAsync(2);
        await screens.CheckAsync("proof-by-mail");
        await page.Locator("dialog").Last.Locator("[type=submit]").ClickAsync();
        await Expect(page.Locator("dialog [name=mailCode]")).ToBeVisibleAsync();
        await screens.CheckAsync("proof-by-mail-code");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Escape");
    }

    private static async Task ChooseThemeAsync(Screens screens)
    {
        var page = screens.Page;
        foreach (var (theme, ground) in new[] { ("dark", "rgb(14, 16, 20)"), ("light", "rgb(247, 248, 250)") })
        {
            await page.Locator("#theme").SelectOptionAsync(theme);
            foreach (var system in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.EmulateMediaAsync(new() { ColorScheme = system });
                await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", ground);
            }
        }

        await page.ReloadAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        await screens.CheckAsync("theme-light-by-choice");
    }

    private static async Task LogInAsync(IPage page, string username)
    {
        await page.Locator("#login-form [name=username]").FillAsync(username);
        await page.Locator("#login-form [name=password]").FillAsync(HttpAssertions.Password);
        await page.Locator("#login-form [type=submit]").ClickAsync();
    }
}
