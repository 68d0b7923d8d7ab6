using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>
/// The cookie of a server in pages that share nothing else: another front end, a worker, wiped or blocked storage.
/// </summary>
public sealed class SharedCookieTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string BlockStorage =
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } });";

    private const string Username = "client.session().then(session => session?.user.username ?? 'none')";

    private const string AskInWorker =
        """
        server => new Promise((resolve, reject) => {
            const code = `import { createAuthClient } from '${server}authserver-client.js';
                createAuthClient().session().then(session => postMessage(session?.user.username ?? 'none'));`;
            const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
            [worker.onmessage, worker.onerror] = [({ data }) => resolve(data), ({ message }) => reject(new Error(message))];
        })
        """;

    private readonly DataFolder data = new();
    private readonly StaticPage frontEnd = new();
    private ServerProcess? server;

    public async ValueTask InitializeAsync()
    {
        server = await ServerProcess.StartAsync(data, $"Cors:Origins:0=http://localhost:{frontEnd.Port}");
        await server.Http.RegisterAsync("ada");
        await server.Http.RegisterAsync("eve");
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        await frontEnd.DisposeAsync();
        data.Dispose();
    }

    [Fact]
    public async Task Login_and_logout_at_front_end_reach_account_page()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var account = await device.OpenAsync();
        await Expect(account.GetByRole(AriaRole.Form, new() { Name = "Log in" })).ToBeVisibleAsync();
        var page = await OpenFrontEndAsync(device);
        Assert.Equal("none", await page.EvaluateAsync<string>(Username));
        await LogInAsync(page, "ada");
        await account.ReloadAsync();
        await account.ShouldBeLoggedInAsync("ada");
        await page.EvaluateAsync("client.logout()");
        await account.CallAfterEndAsync();
        await account.ShouldBeLoggedOutAsync("You are no longer logged in: you logged out.");
        Assert.Empty(await device.RefreshCookiesAsync());
    }

    [Fact]
    public async Task Login_at_account_page_is_found_by_front_end()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        await device.LogInAsync("ada");
        var page = await OpenFrontEndAsync(device);
        Assert.Equal(200, await CallAsync(page));
        Assert.Equal("ada", await page.EvaluateAsync<string>(Username));
        Assert.Equal((1, 1, 0), data.Sessions());
        device.ShouldHaveNoErrors();
    }

    [Theory]
    [InlineData("ada", 200)]
    [InlineData("eve", 401)]
    public async Task Call_after_login_elsewhere_is_sent_for_same_user_alone(string next, int status)
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var page = await OpenFrontEndAsync(device);
        await LogInAsync(page, "ada");
        Assert.Equal(200, await CallAsync(page));
        var other = await OpenFrontEndAsync(device, device.Server.ToString());
        await LogInAsync(other, next);
        Assert.Equal(1, data.Sessions().Ended);

        Assert.Equal(status, await CallAsync(page));
        Assert.Equal(next, await page.EvaluateAsync<string>(Username));
        Assert.Equal(200, await CallAsync(page));
        Assert.Equal(200, await CallAsync(other));
        Assert.Equal("login,login", await page.EvaluateAsync<string>("changes.join()"));
    }

    [Fact]
    public async Task Account_page_shows_user_who_logged_in_elsewhere()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var account = await device.LogInAsync("ada");
        var page = await OpenFrontEndAsync(device);
        await LogInAsync(page, "eve");
        await account.CallAfterEndAsync();
        await account.ShouldBeLoggedInAsync("eve");
        await account.CallAsync();
        await account.ReloadAsync();
        await account.ShouldBeLoggedInAsync("eve");
        await account.ShowAsync("Devices");
        await Expect(account.Locator("#devices > li")).ToHaveCountAsync(1);
    }

    [Theory]
    [InlineData("", "localStorage.clear()")]
    [InlineData(BlockStorage, "null")]
    public async Task Account_page_without_stored_mark_stays_logged_in(string script, string wipe)
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        if (script.Length > 0)
        {
            await device.Context.AddInitScriptAsync(script);
        }

        var account = await device.LogInAsync("ada");
        await account.EvaluateAsync(wipe);
        await account.ReloadAsync();
        await account.ShouldBeLoggedInAsync("ada");
        var other = await device.OpenAsync();
        await other.ShouldBeLoggedInAsync("ada");
        await other.Button("Log out").First.ClickAsync();
        await account.ShouldBeLoggedOutAsync("You are no longer logged in: you logged out.");
        await account.ReloadAsync();
        await Expect(account.GetByRole(AriaRole.Form, new() { Name = "Log in" })).ToBeVisibleAsync();
        Assert.Empty(await device.RefreshCookiesAsync());

        // The logout may end the session while a page still loads the list of devices.
        device.ShouldHaveNoErrors(401);
    }

    [Fact]
    public async Task Worker_has_session_of_its_page()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var page = await OpenFrontEndAsync(device, device.Server.ToString());
        Assert.Equal("none", await page.EvaluateAsync<string>(AskInWorker, device.Server.ToString()));
        await LogInAsync(page, "ada");
        Assert.Equal("ada", await page.EvaluateAsync<string>(AskInWorker, device.Server.ToString()));
        Assert.Equal(200, await CallAsync(page));
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Page_that_is_not_logged_in_asks_server_once()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var page = await OpenFrontEndAsync(device);
        var requests = 0;
        page.Request += (_, request) => requests += request.Url.Contains("/refresh", StringComparison.Ordinal) ? 1 : 0;
        var answers = "Promise.all([client.session(), client.session()]).then(() => client.session()).then(String)";
        Assert.Equal("null", await page.EvaluateAsync<string>(answers));
        Assert.Equal(401, await CallAsync(page));
        Assert.Equal(1, requests);
    }

    [Theory]
    [InlineData("auth.example.test", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("auth.localhost", true)]
    public async Task Login_without_tls_is_sent_only_if_browser_keeps_cookie(string host, bool isKept)
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var page = await device.OpenBlankAsync();
        await page.GotoAsync(new UriBuilder(device.Server) { Host = host }.Uri.ToString());
        var logins = 0;
        page.Request += (_, request) => logins += new Uri(request.Url).AbsolutePath == "/login" ? 1 : 0;
        await page.LogInAsync("ada");
        if (isKept)
        {
            await page.ShouldBeLoggedInAsync("ada");
            Assert.Single(await device.RefreshCookiesAsync());
            return;
        }

        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Log in" }).GetByRole(AriaRole.Alert))
            .ToContainTextAsync("Open this page with https.");
        Assert.Equal(0, logins);

        // Chromium would not have kept it.
        var status = await page.EvaluateAsync<int>(
            """
            password => fetch('/login?transport=cookie', {
                method: 'POST', headers: { 'Content-Type': 'application/json' },
                body: JSON.stringify({ username: 'ada', password }),
            }).then(answer => answer.status)
            """,
            HttpAssertions.Password);
        Assert.Equal(200, status);
        Assert.Empty(await device.RefreshCookiesAsync());
    }

    /// <summary>Opens a page of another origin, or one of the server without scripts, with a client.</summary>
    private async Task<IPage> OpenFrontEndAsync(BrowserDevice device, string? origin = null)
    {
        var page = await device.OpenBlankAsync();
        await page.RouteAsync("**/blank", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = "<link rel=icon href=data:,>",
        }));
        await page.GotoAsync(origin is null ? $"http://localhost:{frontEnd.Port}" : origin + "blank");
        await page.EvaluateAsync(
            """
            server => import(`${server}authserver-client.js`).then(({ createAuthClient }) => {
                window.client = createAuthClient({ server });
                window.changes = [];
                client.onChange((session, { type }) => changes.push(type));
            })
            """,
            device.Server.ToString());
        return page;
    }

    private static async Task LogInAsync(IPage page, string username) => await page.EvaluateAsync(
        "([username, password]) => client.login({ username, password }).then(() => null)",
        new[] { username, HttpAssertions.Password });

    private Task<int> CallAsync(IPage page) => page.EvaluateAsync<int>(
        "server => client.fetch(`${server}me`).then(answer => answer.status)",
        new UriBuilder(server!.Http.BaseAddress!) { Host = "localhost" }.Uri.ToString());
}
