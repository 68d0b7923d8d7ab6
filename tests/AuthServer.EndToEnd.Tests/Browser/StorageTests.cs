using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The module in a real browser, with each of its storages, in tabs that know of one another and in tabs that can't.</summary>
public sealed class StorageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string WithoutLocks = "Object.defineProperty(navigator, 'locks', { value: undefined });";
    private const string WithoutChannel = "window.BroadcastChannel = undefined;";
    private const string Frozen = "navigator.locks.request = (name, options, work) => new Promise((_, reject) => options.signal.onabort = reject);";

    // A token of two seconds may expire on its way where the machine is slow. The caller gets its 200 all the same, but the browser complains.
    private const int ExpiredOnTheWay = 401;

    private readonly DataFolder data = new();
    private ServerProcess? server;

    // Tokens of two seconds are renewed after less than one.
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
    public async Task Tabs_share_a_session_and_never_end_it(string storage, string missing)
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var tabs = await TabsAsync(device, storage, missing, 3);
        await tabs[0].EvaluateAsync("password => client.login({ username: 'ada', password })", HttpAssertions.Password);

        // What one tab stores another sees some milliseconds later, and until then nobody is logged in there.
        await Task.WhenAll(tabs.Select(tab => tab.WaitForFunctionAsync("client.session().then(Boolean)")));
        var answers = await Task.WhenAll(tabs.Select(tab => CallFor(tab, seconds: 6)));
        Assert.All(answers, statuses => Assert.Equal("200", statuses));
        device.ShouldBeContent(ExpiredOnTheWay);
        Assert.Equal((1, 0), LivesIn(data));
        Assert.Empty(server.Output.OfEvent(ServerEvent.RefreshTokenReused));

        await tabs[1].EvaluateAsync("client.logout()");
        Assert.Equal("null,null,null", string.Join(",", await Task.WhenAll(tabs.Select(tab => tab.EvaluateAsync<string>(
            "client.fetch('/me').then(() => client.session()).then(String)")))));
        Assert.Equal((1, 1), LivesIn(data));
    }

    [Fact]
    public async Task Lock_that_a_sleeping_tab_holds_is_not_waited_for()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var tabs = await TabsAsync(device, "localStorage", Frozen, 1);
        await tabs[0].EvaluateAsync("password => client.login({ username: 'ada', password })", HttpAssertions.Password);
        Assert.Equal("200", await CallFor(tabs[0], seconds: 6));
        device.ShouldBeContent(ExpiredOnTheWay);
    }

    [Theory]
    [InlineData("memory", false, false)]
    [InlineData("sessionStorage", true, false)]
    [InlineData("localStorage", true, true)]
    [InlineData("cookie", true, true)]
    public async Task Session_outlives_what_its_storage_says(string storage, bool reload, bool newTab)
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var tab = (await TabsAsync(device, storage, "", 1))[0];
        await tab.EvaluateAsync("password => client.login({ username: 'ada', password })", HttpAssertions.Password);
        await tab.ReloadAsync();
        await CreateClientAsync(tab, storage);
        Assert.Equal(reload, await tab.EvaluateAsync<bool>("client.session().then(Boolean)"));
        var other = (await TabsAsync(device, storage, "", 1))[0];
        Assert.Equal(newTab, await other.EvaluateAsync<bool>("client.session().then(Boolean)"));
        device.ShouldBeContent(ExpiredOnTheWay);
    }

    [Fact]
    public async Task Duplicated_tab_goes_on_with_the_session_of_its_original()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var tab = (await TabsAsync(device, "sessionStorage", "", 1))[0];
        await tab.EvaluateAsync("password => client.login({ username: 'ada', password })", HttpAssertions.Password);
        var copy = await tab.EvaluateAsync<string>("JSON.stringify({ ...sessionStorage })");

        // The original goes on for longer than the grace, then the copy wakes up.
        Assert.Equal("200", await CallFor(tab, seconds: 6));
        var duplicate = (await TabsAsync(device, "sessionStorage", "", 1))[0];
        await duplicate.EvaluateAsync("copy => Object.assign(sessionStorage, JSON.parse(copy))", copy);
        var answers = await Task.WhenAll(CallFor(duplicate, seconds: 6), CallFor(tab, seconds: 6));
        Assert.Equal(["200", "200"], answers);
        Assert.Equal((1, 0), LivesIn(data));
    }

    private static (int Count, int Ended) LivesIn(DataFolder data) => (data.Sessions().Count, data.Sessions().Ended);

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

            // A page of the server's origin that has no client of its own.
            await tabs[i].RouteAsync("**/blank", route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<link rel=icon href=data:,>" }));
            await tabs[i].GotoAsync(new Uri(device.Server, "/blank").ToString());
            await CreateClientAsync(tabs[i], storage);
        }

        return tabs;
    }

    private static async Task CreateClientAsync(IPage tab, string storage) => await tab.EvaluateAsync(
        "storage => import('/authserver-client.js').then(module => { window.client = module.createAuthClient({ storage, grace: 3 }); })", storage);

    /// <summary>Asks a private route over and over, and tells which statuses came back.</summary>
    private static Task<string> CallFor(IPage tab, int seconds) => tab.EvaluateAsync<string>(
        """
        async seconds => {
            const statuses = new Set();
            for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
                statuses.add((await client.fetch('/me')).status);
                await new Promise(resolve => setTimeout(resolve, 20));
            }
            return [...statuses].join();
        }
        """,
        seconds);
}
