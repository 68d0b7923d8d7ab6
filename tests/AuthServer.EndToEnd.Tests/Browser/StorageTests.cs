using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>
/// The client module in a browser, with each of its storages, in tabs with and without locks and broadcast channels.
/// </summary>
public sealed class StorageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string WithoutLocks = "Object.defineProperty(navigator, 'locks', { value: undefined });";
    private const string WithoutChannel = "window.BroadcastChannel = undefined;";
    private const string LockHeldByFrozenTab =
        "navigator.locks.request = (name, options, work) => new Promise((_, reject) => options.signal.onabort = reject);";

    // On some platforms this clock stands still while the device is suspended.
    private const string StoppableClock =
        """
        const now = performance.now.bind(performance);
        let [stoppedAt, behind] = [null, 0];
        performance.now = () => (stoppedAt ?? now()) - behind;
        window.suspend = () => { stoppedAt = now(); };
        window.resume = () => { behind += now() - stoppedAt; stoppedAt = null; };
        """;

    private const string StatusAfterSuspend =
        """
        async () => {
            const statusOf = async ({ accessToken }) =>
                (await fetch('/me', { headers: { Authorization: `Bearer ${accessToken}` } })).status;
            const session = await client.session();
            suspend();
            while (await statusOf(session) !== 401);
            resume();

            // On a slow machine a token of two seconds may expire on its way.
            let status;
            for (let attempt = 0; attempt < 3 && status !== 200; attempt++) {
                status = await statusOf(await client.session());
            }

            return status;
        }
        """;

    // On a slow machine, a token of two seconds may expire before the server checks it. The client retries and returns 200, but
    // the browser reports the 401.
    private const int ExpiredInTransit = 401;

    private readonly DataFolder data = new();
    private ServerProcess? server;

    // The client renews tokens of two seconds after less than one second.
    public async ValueTask InitializeAsync()
    {
        server = await ServerProcess.StartAsync(data, "Tokens:AccessLifetime=00:00:02", "Sessions:Grace=00:00:03");
        await server.Http.RegisterAsync("ada");
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        data.Dispose();
    }

    [Theory]
    [InlineData("cookie", "")]
    [InlineData("cookie", WithoutLocks)]
    [InlineData("cookie", WithoutChannel)]
    [InlineData("cookie", WithoutLocks + WithoutChannel)]
    [InlineData("localStorage", "")]
    [InlineData("localStorage", WithoutLocks)]
    [InlineData("localStorage", WithoutChannel)]
    [InlineData("localStorage", WithoutLocks + WithoutChannel)]
    public async Task Tabs_share_session_without_ending_it(string storage, string missing)
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var tabs = await TabsAsync(device, storage, missing, 3);
        await LogInAsync(tabs[0]);

        // A change of the storage is visible to other tabs some milliseconds later. Until then, they are not logged in.
        await Task.WhenAll(tabs.Select(tab => tab.WaitForFunctionAsync("client.session().then(Boolean)")));
        var statuses = await Task.WhenAll(tabs.Select(tab => CallFor(tab, seconds: 6)));
        Assert.All(statuses, status => Assert.Equal("200", status));
        device.ShouldHaveNoErrors(ExpiredInTransit);
        Assert.Equal((1, 0), SessionsIn(data));
        Assert.Empty(server.Output.OfEvent(ServerEvent.RefreshTokenReused));

        await tabs[1].EvaluateAsync("client.logout()");
        var sessions = await Task.WhenAll(tabs.Select(tab =>
            tab.EvaluateAsync<string>("client.fetch('/me').then(() => client.session()).then(String)")));
        Assert.Equal(["null", "null", "null"], sessions);
        Assert.Equal((1, 1), SessionsIn(data));
    }

    [Fact]
    public async Task Lock_held_by_frozen_tab_does_not_block_refresh()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var tabs = await TabsAsync(device, "localStorage", LockHeldByFrozenTab, 1);
        await LogInAsync(tabs[0]);
        Assert.Equal("200", await CallFor(tabs[0], seconds: 6));
        device.ShouldHaveNoErrors(ExpiredInTransit);
    }

    [Theory]
    [InlineData("memory", false, false)]
    [InlineData("sessionStorage", true, false)]
    [InlineData("localStorage", true, true)]
    [InlineData("cookie", true, true)]
    public async Task Storage_determines_if_session_survives_reload_and_new_tab(string storage, bool reload, bool newTab)
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var tab = (await TabsAsync(device, storage, "", 1))[0];
        await LogInAsync(tab);
        await tab.ReloadAsync();
        await CreateClientAsync(tab, storage);
        Assert.Equal(reload, await tab.EvaluateAsync<bool>("client.session().then(Boolean)"));
        var other = (await TabsAsync(device, storage, "", 1))[0];
        Assert.Equal(newTab, await other.EvaluateAsync<bool>("client.session().then(Boolean)"));
        device.ShouldHaveNoErrors(ExpiredInTransit);
    }

    [Fact]
    public async Task Duplicated_tab_continues_session_of_original_tab()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var tab = (await TabsAsync(device, "sessionStorage", "", 1))[0];
        await LogInAsync(tab);
        var copy = await tab.EvaluateAsync<string>("JSON.stringify({ ...sessionStorage })");

        // The original is used for longer than the grace, before the duplicate is used.
        Assert.Equal("200", await CallFor(tab, seconds: 6));
        var duplicate = (await TabsAsync(device, "sessionStorage", "", 1))[0];
        await duplicate.EvaluateAsync("copy => Object.assign(sessionStorage, JSON.parse(copy))", copy);
        var statuses = await Task.WhenAll(CallFor(duplicate, seconds: 6), CallFor(tab, seconds: 6));
        Assert.Equal(["200", "200"], statuses);
        Assert.Equal((1, 0), SessionsIn(data));
    }

    [Fact]
    public async Task Session_after_suspend_has_token_that_server_accepts()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var tab = (await TabsAsync(device, "cookie", StoppableClock, 1))[0];
        await LogInAsync(tab);
        Assert.Equal(200, await tab.EvaluateAsync<int>(StatusAfterSuspend));
        device.ShouldHaveNoErrors(401);
    }

    private static (int Count, int Ended) SessionsIn(DataFolder data) => (data.Sessions().Count, data.Sessions().Ended);

    private static async Task<IPage[]> TabsAsync(BrowserDevice device, string storage, string missing, int count)
    {
        var tabs = new IPage[count];
        for (var i = 0; i < count; i++)
        {
            tabs[i] = await device.OpenBlankAsync();
            if (missing.Length > 0)
            {
                await tabs[i].AddInitScriptAsync(missing);
            }

            // A page of the server's origin without scripts, so the test's client is its only one.
            await tabs[i].RouteAsync("**/blank", route => route.FulfillAsync(new()
            {
                ContentType = "text/html",
                Body = "<link rel=icon href=data:,>",
            }));
            await tabs[i].GotoAsync(new Uri(device.Server, "/blank").ToString());
            await CreateClientAsync(tabs[i], storage);
        }

        return tabs;
    }

    private static async Task CreateClientAsync(IPage tab, string storage) => await tab.EvaluateAsync(
        """
        storage => import('/authserver-client.js')
            .then(module => { window.client = module.createAuthClient({ storage }); })
        """,
        storage);

    private static async Task LogInAsync(IPage tab) =>
        await tab.EvaluateAsync("password => client.login({ username: 'ada', password })", HttpAssertions.Password);

    /// <summary>Calls a private route repeatedly for a time. Returns the distinct statuses, separated by commas.</summary>
    private static Task<string> CallFor(IPage tab, int seconds) => tab.EvaluateAsync<string>(
        """
        async seconds => {
            const statuses = new Set();
            for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
                statuses.add((await client.fetch('/me')).status);
                await new Promise(resolve => setTimeout(resolve, 100));
            }
            return [...statuses].join();
        }
        """,
        seconds);
}
