using System.Net.Http.Headers;
using System.Net.Http.Json;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using OtpNet;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>
/// The pages in each of their states: takes screenshots in every width and both themes, and checks accessibility with axe.
/// </summary>
public sealed class ScreenTests(Chromium chromium, Axe axe) : IClassFixture<Chromium>, IClassFixture<Axe>, IDisposable
{
    private static readonly string[] UserAgents =
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            + "Version/18.0 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "okhttp/4.12.0",
    ];

    private readonly DataFolder data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Theory]
    [InlineData("en-US")]
    [InlineData("ko-KR")]
    public async Task Pages_are_accessible_in_all_states_themes_and_widths(string locale)
    {
        axe.SkipUnlessInstalled();
        var port = LoopbackPort.Free();
        await using var server = await ServerProcess.StartAsync(
            data,
            $"urls=http://127.0.0.1:{port}",
            $"Tokens:Issuer=http://localhost:{port}",
            "Accounts:LoginByMail=true",
            "Playground:Enabled=true",
            "Branding:Terms=https://example.com/terms",
            "Branding:Support=mailto:help@example.com");
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!, options =>
        {
            options.Locale = locale;
            options.ReducedMotion = ReducedMotion.Reduce;
        });
        var screens = new Screens(await device.OpenAsync(), axe, locale[..2]);
        await LogInAsync(screens, server.Http);
        await UseAccountAsync(screens, server.Http);
        await UseSecondFactorAsync(screens);
        await UseMailsAsync(screens, device);
        await UsePlaygroundAsync(screens, device);
        device.ShouldHaveNoErrors(400, 401, 403, 429);
    }

    private static async Task LogInAsync(Screens screens, HttpClient http)
    {
        var page = screens.Page;
        await Expect(page.Locator("#welcome")).ToBeVisibleAsync();
        await screens.CheckAsync("login");
        await FillAsync(page, "#login-form", ("username", "ada"), ("password", "wrong"));
        await Expect(page.Locator("#login-form .problem")).Not.ToBeEmptyAsync();
        await screens.CheckAsync("login-refused");

        await page.Locator("[data-show=register-form]").ClickAsync();
        await FillAsync(
            page, "#register-form", ("username", "ada"), ("displayName", "Ada Lovelace"), ("email", "ada@example.com"),
            ("password", "password1"));
        await Expect(page.Locator("#register-form .field-problem")).ToBeVisibleAsync();
        await Expect(page.Locator("#register-form .strength")).Not.ToBeEmptyAsync();
        await screens.CheckAsync("register-refused");
        await FillAsync(page, "#register-form", ("password", HttpAssertions.Password));
        await Expect(page.Locator("#profile-card .row").First).ToBeVisibleAsync();
        foreach (var userAgent in UserAgents)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/login")
            {
                Content = JsonContent.Create(new { username = "ada", password = HttpAssertions.Password }),
                Headers = { { "User-Agent", userAgent } },
            };
            await (await http.SendAsync(request, Ct)).ShouldBePairAsync();
        }
    }

    private static async Task UseAccountAsync(Screens screens, HttpClient http)
    {
        var page = screens.Page;
        await screens.CheckAsync("profile");
        await page.Locator("#profile-card button").First.ClickAsync();
        await screens.CheckAsync("profile-change");
        await page.Keyboard.PressAsync("Escape");

        await page.Locator(".tabs [href='#devices']").ClickAsync();
        await Expect(page.Locator("#devices > li")).ToHaveCountAsync(1 + UserAgents.Length);
        await page.Locator("#devices button").Last.ClickAsync();
        await Expect(page.Locator("#devices > li")).ToHaveCountAsync(UserAgents.Length);
        await page.Locator("#ended summary").ClickAsync();
        await screens.CheckAsync("devices");
        await page.Locator("#logout-all").ClickAsync();
        await screens.CheckAsync("logout-all");
        await page.Keyboard.PressAsync("Escape");

        await page.Locator(".tabs [href='#data']").ClickAsync();
        await page.Locator("#data-cards .danger").ClickAsync();
        await page.Locator("dialog [type=submit]").ClickAsync();
        await Expect(page.Locator("dialog .field-problem")).ToBeVisibleAsync();
        await screens.CheckAsync("delete");
        await page.Keyboard.PressAsync("Escape");
        await screens.CheckAsync("data");

        var pair = await http.LogInAsync("ada");
        var id = await page.EvaluateAsync<string>(
            "import('./account/client.js').then(({ client }) => client.session()).then(session => session.id)");
        using var end = new HttpRequestMessage(HttpMethod.Delete, $"/sessions/{id}")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", pair.AccessToken) },
        };
        (await http.SendAsync(end, Ct)).EnsureSuccessStatusCode();
        await page.CallAfterEndAsync();
        await Expect(page.Locator("#login-form")).ToBeVisibleAsync();
        await screens.CheckAsync("ended-elsewhere");
    }

    private static async Task UseSecondFactorAsync(Screens screens)
    {
        var page = screens.Page;
        await FillAsync(page, "#login-form", ("username", "ada"), ("password", HttpAssertions.Password));
        await page.Locator(".tabs [href='#security']").ClickAsync();
        await Expect(page.Locator("#security-cards .card")).ToHaveCountAsync(3);
        await screens.CheckAsync("security");
        await page.Locator("#security-cards .card").First.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator("dialog [name=newPassword]")).ToBeVisibleAsync();
        await screens.CheckAsync("password");
        await page.Keyboard.PressAsync("Escape");
        await page.Locator("#security-cards .primary").ClickAsync();
        await Expect(page.Locator("dialog .key")).ToBeVisibleAsync();
        await screens.CheckAsync("authenticator");
        var secret = (await page.Locator("dialog .key").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await page.Locator("dialog [name=code]").FillAsync(new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp());
        await Expect(page.Locator("dialog .codes")).ToBeVisibleAsync();
        await screens.CheckAsync("recovery-codes");
        await page.Locator("dialog [type=submit]").ClickAsync();
        await Expect(page.Locator("#notice[data-kind=good]")).ToBeVisibleAsync();
        await screens.CheckAsync("security-two-steps");

        var authenticator = await VirtualAuthenticator.AddAsync(page);
        await page.Locator("#security-cards .card").Nth(1).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator("#security-cards .with-icon")).ToBeVisibleAsync();
        await authenticator.SetPresenceAsync(false);
        await screens.CheckAsync("passkeys");
        await page.RefuseOnceAsync("**/passkeys/*");
        await page.Locator("#security-cards .with-icon .danger").ClickAsync();
        await screens.CheckAsync("passkey-remove");
        await page.Locator("dialog [type=submit]").ClickAsync();
        await Expect(page.Locator("dialog [name=password]")).ToBeVisibleAsync();
        await screens.CheckAsync("proof");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Escape");

        await page.Locator("#logout").ClickAsync();
        await FillAsync(page, "#login-form", ("username", "ada"), ("password", HttpAssertions.Password));
        await Expect(page.Locator("#factor-form")).ToBeVisibleAsync();
        await screens.CheckAsync("factor");
        await page.Locator("#factor-other").ClickAsync();
        await screens.CheckAsync("factor-recovery");
    }

    private async Task UseMailsAsync(Screens screens, BrowserDevice device)
    {
        var page = screens.Page;
        await page.Locator("#factor-form [data-show=login-form]").ClickAsync();
        await page.Locator("#login-mail").ClickAsync();
        await screens.CheckAsync("login-by-mail");
        await page.Locator("#mail-form [data-show=login-form]").ClickAsync();
        await page.Locator("#forgot").ClickAsync();
        await screens.CheckAsync("forgot");
        await FillAsync(page, "#mail-form", ("username", "ada"));
        await Expect(page.Locator("#sent")).ToBeVisibleAsync();
        await screens.CheckAsync("sent");

        // The factor has made the link of the registration void.
        await page.GotoAsync($"{device.Server}#link={await LinkAsync()}");
        await Expect(page.Locator("#notice[data-kind=bad]")).ToBeVisibleAsync();
        await screens.CheckAsync("link-void");
        await page.EvaluateAsync(
            """
            async ([username, password]) => {
              const { client } = await import('./account/client.js');
              await client.register({ username, password, email: 'grace@example.com' });
            }
            """,
            new[] { "grace", HttpAssertions.Password });
        await page.GotoAsync($"{device.Server}#link={await LinkAsync("grace@example.com")}");
        await Expect(page.Locator("#link-form")).ToBeVisibleAsync();
        await screens.CheckAsync("link");
        await page.Locator("#link-form [type=submit]").ClickAsync();
        await Expect(page.Locator("#notice[data-kind=good]")).ToBeVisibleAsync();
        await screens.CheckAsync("confirmed");
        await page.Locator("#forgot").ClickAsync();
        await FillAsync(page, "#mail-form", ("username", "grace"));
        await Expect(page.Locator("#sent")).ToBeVisibleAsync();
        await page.GotoAsync($"{device.Server}#link={await LinkAsync("grace@example.com", 2)}");
        await FillAsync(page, "#link-form", ("newPassword", "password1"));
        await Expect(page.Locator("#link-form .field-problem")).ToBeVisibleAsync();
        await screens.CheckAsync("reset-refused");

        await page.RouteAsync(
            "**/refresh*", route => route.FulfillAsync(new() { Status = 429, Headers = [new("Retry-After", "600")] }));
        await page.ReloadAsync();
        await Expect(page.Locator("#retry")).ToBeVisibleAsync();
        await screens.CheckAsync("not-connected");
        await page.UnrouteAsync("**/refresh*");
    }

    private static async Task UsePlaygroundAsync(Screens screens, BrowserDevice device)
    {
        var page = screens.Page;
        await page.GotoAsync(new Uri(device.Server, "?return_to=" + new Uri(device.Server, "playground")).ToString());
        await FillAsync(page, "#login-form", ("username", "grace"), ("password", HttpAssertions.Password));
        await page.Locator("#call").ClickAsync();
        foreach (var act in new[] { "#two-tabs", "#lost", "#stolen" })
        {
            await page.Locator(act).ClickAsync();
            await Expect(page.Locator("#anew")).ToBeEnabledAsync();
        }

        await Expect(page.Locator(".generations .is-theft")).ToHaveCountAsync(1);
        await Expect(page.Locator("#events li").First).ToContainTextAsync("refresh_token_reused");
        await Expect(page.Locator("#feed li")).ToContainTextAsync("session_ended");
        await screens.CheckAsync("playground");
    }

    private static async Task FillAsync(IPage page, string form, params (string Field, string Text)[] values)
    {
        foreach (var (field, text) in values)
        {
            await page.Locator($"{form} [name={field}]").FillAsync(text);
        }

        await page.Locator($"{form} [type=submit]").ClickAsync();
    }

    private Task<string> LinkAsync(string address = "ada@example.com", int number = 1) =>
        Outbox.LinkAsync(data, address, number);
}
