using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Logins at real providers, by the buttons of the login page.</summary>
public sealed class ExternalLoginTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly DataFolder data = new();
    private readonly Uri address = new($"http://localhost:{LoopbackPort.Free()}");
    private readonly StaticPage frontEnd = new();
    private ProviderProcess? providers;
    private ServerProcess? server;

    public async ValueTask InitializeAsync()
    {
        providers = await ProviderProcess.StartAsync(address);
        server = await ServerProcess.StartAsync(
            data, [$"urls={address}", $"Cors:Origins:0=http://localhost:{frontEnd.Port}", .. providers.Settings]);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        if (providers is not null)
        {
            await providers.DisposeAsync();
        }

        await frontEnd.DisposeAsync();
        data.Dispose();
    }

    [Fact]
    public async Task User_logs_in_by_button_and_is_known_next_time()
    {
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await LogInAtAcmeAsync(device, "grace");
        await page.ShouldBeLoggedInAsync("grace of Acme");
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        await Link(page, "Acme").ClickAsync();

        // The provider asks no more.
        await page.ShouldBeLoggedInAsync("grace of Acme");
        await page.ShowAsync("Login & security");
        await Expect(page.Locator("#security-cards").GetByText("grace@example.com")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Provider_that_asks_nothing_leads_straight_back()
    {
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await device.OpenAsync();
        await Link(page, "Mock").ClickAsync();
        await Expect(page.Locator("#hello")).ToBeVisibleAsync();
        Assert.Single(await device.RefreshCookiesAsync());
    }

    [Fact]
    public async Task Other_front_end_gets_its_user_back()
    {
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await device.OpenAsync();
        await page.GotoAsync($"{address}?return_to=http://localhost:{frontEnd.Port}/");
        await Link(page, "Mock").ClickAsync();
        await page.WaitForURLAsync($"http://localhost:{frontEnd.Port}/");
    }

    [Theory]
    [InlineData("client.loginWith('mock')")]
    [InlineData("client.loginAtServer()")]
    public async Task Front_end_leaves_for_login_and_knows_its_user_after_it(string leave)
    {
        frontEnd.Html = FrontEndThat(leave);
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await device.OpenAsync();
        await page.GotoAsync($"http://localhost:{frontEnd.Port}/?tab=2#last");
        await Expect(page.Locator("#user")).ToHaveTextAsync("nobody");
        await page.ClickAsync("#leave");
        if (leave.Contains("Server", StringComparison.Ordinal))
        {
            await Link(page, "Mock").ClickAsync();
        }

        await page.WaitForURLAsync($"http://localhost:{frontEnd.Port}/?tab=2#last");
        await Expect(page.Locator("#user")).Not.ToHaveTextAsync("nobody");
        Assert.Single(await device.RefreshCookiesAsync());
    }

    [Fact]
    public async Task Front_end_hears_once_why_its_login_failed()
    {
        frontEnd.Html = FrontEndThat("client.loginWith('acme')");
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await device.OpenAsync();
        await page.GotoAsync($"http://localhost:{frontEnd.Port}/");
        await page.ClickAsync("#leave");
        await page.GetByText("[ Cancel ]").ClickAsync();
        await Expect(page.Locator("#failure")).ToHaveTextAsync("access_denied acme");
        await page.ReloadAsync();
        await Expect(page.Locator("#user")).ToHaveTextAsync("nobody");
        await Expect(page.Locator("#failure")).ToHaveTextAsync("");
    }

    [Theory]
    [InlineData("en-GB", "The login with Acme was cancelled.")]
    [InlineData("ko-KR", "Acme 로그인이 취소되었습니다.")]
    public async Task User_who_cancels_reads_so(string locale, string sentence)
    {
        await using var device = await chromium.NewDeviceAsync(address, options => options.Locale = locale);
        var page = await device.OpenAsync();
        await Link(page, "Acme").ClickAsync();
        await page.GetByText("Cancel").ClickAsync();
        await Expect(page.GetByText(sentence)).ToBeVisibleAsync();
        Assert.DoesNotContain("error", page.Url, StringComparison.Ordinal);
        Assert.Empty(await device.RefreshCookiesAsync());
    }

    [Fact]
    public async Task Provider_that_is_away_is_named_and_passwords_work()
    {
        await server!.Http.RegisterAsync("ada");
        await providers!.DisposeAsync();
        providers = null;
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await device.OpenAsync();
        await Link(page, "Acme").ClickAsync();
        await Expect(page.GetByText("Acme cannot be reached.")).ToBeVisibleAsync();
        await device.LogInAsync("ada");
    }

    [Fact]
    public async Task Known_address_is_joined_after_one_login_by_password()
    {
        await server!.Http.RegisterAsync("ada");
        data.Execute("UPDATE users SET email = 'joan@example.com', verified_email = 'joan@example.com'");
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await LogInAtAcmeAsync(device, "joan");
        await Expect(page.GetByText("You already have an account with this address.")).ToBeVisibleAsync();
        await page.LogInAsync("ada");
        await page.ShouldBeLoggedInAsync("ada");
        await Expect(page.Locator("#security-cards").GetByText("joan@example.com")).ToBeVisibleAsync();
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        await Link(page, "Acme").ClickAsync();
        await page.ShouldBeLoggedInAsync("ada");
    }

    [Fact]
    public async Task Known_address_is_joined_after_one_login_by_another_provider()
    {
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await device.OpenAsync();
        await Link(page, "Mock").ClickAsync();
        await Expect(page.Locator("#hello")).ToBeVisibleAsync();
        data.Execute("UPDATE users SET email = 'joan@example.com', verified_email = 'joan@example.com'");
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        await LogInAtAcmeAsync(page, "joan");
        await Expect(page.GetByText("You already have an account with this address.")).ToBeVisibleAsync();
        await Link(page, "Mock").ClickAsync();
        await Expect(page.Button("Unlink Acme")).ToBeVisibleAsync();
        await Expect(page.Button("Unlink Mock")).ToBeVisibleAsync();
        await Expect(page.GetByText("Acme was linked.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Link_that_is_given_up_at_provider_is_not_reported_as_added()
    {
        await server!.Http.RegisterAsync("ada");
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await device.LogInAsync("ada");
        await page.ShowAsync("Login & security");
        await page.Button("Link Acme").ClickAsync();
        await Expect(page.Locator("[name=login]")).ToBeVisibleAsync();
        await page.GotoAsync($"{address}");
        await Expect(page.Button("Link Acme")).ToBeVisibleAsync();
        await Expect(page.GetByText("was linked")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Link_of_another_sender_joins_nothing()
    {
        await server!.Http.RegisterAsync("ada");
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await device.OpenAsync();
        await page.GotoAsync($"{address}?error=access_denied&error_description=email_taken&provider=mock");
        await page.LogInAsync("ada");
        await page.ShouldBeLoggedInAsync("ada");
        await page.ShowAsync("Login & security");
        await Expect(page.Button("Link Mock")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task User_adds_and_removes_provider_on_account_page()
    {
        await server!.Http.RegisterAsync("ada");
        await using var device = await chromium.NewDeviceAsync(address);
        var page = await device.LogInAsync("ada");
        await page.ShowAsync("Login & security");
        await page.Button("Link Mock").ClickAsync();
        await Expect(page.Button("Unlink Mock")).ToBeVisibleAsync();
        await page.Button("Unlink Mock").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Unlink" }).ClickAsync();
        await Expect(page.GetByText("Mock was unlinked. All your other devices were logged out.")).ToBeVisibleAsync();
        await Expect(page.Button("Link Mock")).ToBeVisibleAsync();
        device.ShouldHaveNoErrors();
    }

    private static ILocator Link(IPage page, string provider) =>
        page.Locator("#providers").GetByRole(AriaRole.Link).Filter(new() { HasText = provider });

    private string FrontEndThat(string leaves) =>
        $$"""
        <p id="user"></p><p id="failure"></p><button id="leave">Log in</button>
        <script type="module">
          import { createAuthClient } from '{{address}}authserver-client.js';
          const client = createAuthClient({ server: '{{address}}' });
          const failure = client.takeLoginFailure();
          document.getElementById('failure').textContent = failure ? `${failure.code} ${failure.provider}` : '';
          document.getElementById('leave').onclick = () => {{leaves}};
          document.getElementById('user').textContent = (await client.session())?.user.username ?? 'nobody';
        </script>
        """;

    private static async Task<IPage> LogInAtAcmeAsync(BrowserDevice device, string user) =>
        await LogInAtAcmeAsync(await device.OpenAsync(), user);

    private static async Task<IPage> LogInAtAcmeAsync(IPage page, string user)
    {
        await Link(page, "Acme").ClickAsync();
        await page.Locator("[name=login]").FillAsync(user);
        await page.Locator("[name=password]").FillAsync(user);
        await page.Button("Sign-in").ClickAsync();
        await page.Button("Continue").ClickAsync();
        return page;
    }
}
