using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The .NET client in WebAssembly, in a published page of another origin than the server's.</summary>
public sealed class BlazorTests(Chromium chromium, BlazorSample sample)
    : IClassFixture<Chromium>, IClassFixture<BlazorSample>, IAsyncDisposable
{
    // On a slow machine, a token of two seconds may expire before the server checks it. The client refreshes it and repeats the
    // request, but the browser reports the 401.
    private const int ExpiredInTransit = 401;

    private readonly DataFolder data = new();
    private ServerProcess? server;
    private BrowserDevice? device;
    private string origin = "";

    public async ValueTask DisposeAsync()
    {
        await (device?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (server?.DisposeAsync() ?? ValueTask.CompletedTask);
        data.Dispose();
    }

    [Fact]
    public async Task Token_is_refreshed_and_session_survives_reload_until_logout()
    {
        var page = await LogInAsync();
        await CallUntilRefreshAsync(page, 3);
        await page.ReloadAsync();
        await ShouldBeLoggedInAsync(page);
        await CallUntilRefreshAsync(page, device!.Refreshes + 1);

        await page.Button("Log out").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Logged out.");
        await page.ReloadAsync();
        await Expect(page.Button("Log in")).ToBeVisibleAsync();
        device.ShouldHaveNoErrors(ExpiredInTransit);
        Assert.Equal((1, device.Refreshes, 1), data.Sessions());
    }

    [Fact]
    public async Task Session_that_another_device_ends_is_reported()
    {
        var page = await LogInAsync();
        await server!.Http.LogOutEverywhereAsync("ada");
        await page.Button("Call GET /me").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The session has ended: session_ended logout_all");
        await page.ReloadAsync();
        await Expect(page.Button("Log in")).ToBeVisibleAsync();
        device!.ShouldHaveNoErrors(401);
    }

    [Fact]
    public async Task Redirected_refresh_does_not_follow_with_its_token()
    {
        var page = await LogInAsync();
        var refused = new TaskCompletionSource();
        var stolen = 0;
        await page.RouteAsync("**/refresh", route =>
        {
            refused.TrySetResult();
            return route.FulfillAsync(new()
            {
                Status = 307,
                Headers = new Dictionary<string, string>
                {
                    ["Access-Control-Allow-Origin"] = origin,
                    ["Access-Control-Allow-Credentials"] = "true",
                    ["Location"] = origin + "/stolen",
                },
            });
        });
        page.Request += (_, request) => stolen += request.Url.EndsWith("/stolen", StringComparison.Ordinal) ? 1 : 0;
        while (!refused.Task.IsCompleted)
        {
            await page.Button("Call GET /me").ClickAsync();
        }

        var status = page.GetByRole(AriaRole.Status);
        await Expect(status).Not.ToHaveTextAsync(new Regex("^(Call .*)?$"));
        Assert.Equal(0, stolen);
        await Expect(status).ToContainTextAsync("The answer with status 0 is not the auth server's.");
    }

    [Fact]
    public async Task Request_to_server_of_same_origin_has_no_cookie()
    {
        await ServeAsync();
        await device!.Context.AddCookiesAsync([new() { Name = "mine", Value = "1", Url = origin }]);
        var page = await OpenAsync(new Uri(origin));
        var request = await page.RunAndWaitForRequestAsync(() => page.Button("Log in").ClickAsync(), "**/login");
        Assert.Equal("mine=1", await page.EvaluateAsync<string>("document.cookie"));
        Assert.DoesNotContain("cookie", (await request.AllHeadersAsync()).Keys);
    }

    private async Task ServeAsync()
    {
        device = await chromium.NewDeviceAsync(new Uri("http://localhost"));
        origin = await sample.ServeAsync();
    }

    private async Task<IPage> OpenAsync(Uri serverAddress)
    {
        await sample.ConnectAsync(serverAddress);
        var page = await device!.OpenBlankAsync();
        await page.GotoAsync(origin);
        return page;
    }

    private async Task<IPage> LogInAsync()
    {
        await ServeAsync();
        server = await ServerProcess.StartAsync(data, "Tokens:AccessLifetime=00:00:02", "Cors:Origins:0=" + origin);
        await server.Http.RegisterAsync("ada");
        var page = await OpenAsync(server.Http.BaseAddress!);
        await page.GetByLabel("User name").FillAsync("ada");
        await page.GetByLabel("Password").FillAsync(HttpAssertions.Password);
        await page.Button("Log in").ClickAsync();
        await ShouldBeLoggedInAsync(page);
        return page;
    }

    private static Task ShouldBeLoggedInAsync(IPage page) =>
        Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Hello, ada" })).ToBeVisibleAsync();

    // Calls a private route until the client has refreshed often enough. No call may fail.
    private async Task CallUntilRefreshAsync(IPage page, int refreshes)
    {
        for (var call = 1; device!.Refreshes < refreshes; call++)
        {
            await page.Button("Call GET /me").ClickAsync();
            await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync($"Call {call}: 200");
        }
    }
}
