using System.Collections.Concurrent;
using System.Net;
using AuthServer.EndToEnd.Tests.Cluster;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The pages below a path of a proxy, which is nginx as in the guide.</summary>
public sealed class SubPathTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly DataFolder data = new();
    private readonly int port = LoopbackPort.Free();
    private readonly ConcurrentQueue<string> requested = [];
    private ServerProcess? server;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await ServerProcess.StartAsync(
        data,
        ["Proxies:Known:0=127.0.0.1", .. ServerWithProvider.Settings.Select(setting => $"{setting.Key}={setting.Value}")]);

    public async ValueTask DisposeAsync()
    {
        await server!.DisposeAsync();
        data.Dispose();
    }

    [Theory]
    [InlineData("/auth/")]
    [InlineData("/apps/auth/")]
    [InlineData("/apps/auth/", "proxy_set_header X-Forwarded-Prefix \"\";")]
    public async Task Account_page_works_below_path(string path, string prefix = "")
    {
        await using var nginx = await StartNginxAsync(path, prefix);
        await using var device = await NewDeviceAsync(path);
        var page = await device.RegisterAsync("ada");
        await page.CallAsync();
        await page.ReloadAsync();
        await page.ShouldBeLoggedInAsync("ada");
        await page.ShowAsync("Devices");
        await Expect(page.GetByText("This device", new() { Exact = true })).ToBeVisibleAsync();
        var cookie = Assert.Single(await device.RefreshCookiesAsync());
        Assert.Equal(("__Host-refresh", "/"), (cookie.Name, cookie.Path));

        await page.GetByRole(AriaRole.Link, new() { Name = "AuthServer" }).ClickAsync();
        await page.ShouldBeLoggedInAsync("ada");
        await Expect(page.Locator("#profile-card")).Not.ToBeEmptyAsync();
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        Assert.All(requested, address => Assert.StartsWith($"{device.Server}", address, StringComparison.Ordinal));
        device.ShouldHaveNoErrors();
    }

    [Theory]
    [InlineData("/auth/")]
    [InlineData("/apps/auth/")]
    public async Task Api_reference_works_below_path(string path)
    {
        await using var nginx = await StartNginxAsync(path);
        await using var device = await NewDeviceAsync(path);
        var page = await device.OpenAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "API reference" }).ClickAsync();
        await page.CallFromReferenceAsync(device.Server + "health/live");
        Assert.All(requested, address => Assert.StartsWith($"{device.Server}", address, StringComparison.Ordinal));
        device.ShouldHaveNoErrors();
    }

    [Theory]
    [InlineData("/auth/")]
    [InlineData("/apps/auth/")]
    public async Task Provider_sends_browser_back_below_path(string path)
    {
        await using var nginx = await StartNginxAsync(path);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var begun = await http.GetAsync($"http://localhost:{port}{path}login/external/acme", Ct);
        var query = System.Web.HttpUtility.ParseQueryString(begun.Headers.Location!.Query);
        Assert.Equal($"http://localhost:{port}{path}login/external/acme/callback", query["redirect_uri"]);
    }

    [Fact]
    public async Task Client_works_with_server_below_path()
    {
        await using var nginx = await StartNginxAsync("/auth/");
        await using var device = await NewDeviceAsync("/auth/");
        await server!.Http.RegisterAsync("ada");
        var page = await device.OpenAsync();
        foreach (var address in new[] { "/auth", "/auth/", $"{device.Server}" })
        {
            var name = await page.EvaluateAsync<string>(
                """
                async ([server, password]) => {
                  const { createAuthClient } = await import('/auth/authserver-client.js');
                  const client = createAuthClient({ server, storage: 'memory' });
                  await client.login({ username: 'ada', password });
                  const me = await client.fetch('/auth/me');
                  await client.logout();
                  return (await me.json()).username;
                }
                """,
                new[] { address, HttpAssertions.Password });
            Assert.Equal("ada", name);
        }

        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Path_without_slash_and_location_lead_below_path()
    {
        await using var nginx = await StartNginxAsync("/auth/");
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"http://localhost:{port}/") };
        var redirect = await http.GetAsync("/auth", Ct);
        Assert.Equal(HttpStatusCode.MovedPermanently, redirect.StatusCode);
        Assert.Equal($"http://localhost:{port}/auth/", $"{redirect.Headers.Location}");
        Assert.Equal("../docs", (await http.GetAsync("/auth/docs/", Ct)).Headers.Location?.OriginalString);

        var created = await http.PostAsync("/auth/register", new { username = "ada", HttpAssertions.Password });
        Assert.Equal("/auth/me", new Uri(http.BaseAddress, created.Headers.Location!).AbsolutePath);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/auth/metrics", Ct)).StatusCode);
    }

    private async Task<BalancerProcess> StartNginxAsync(string path, string prefix = "")
    {
        const string Prefix = "proxy_set_header X-Forwarded-Prefix /auth;";
        var example = Guide.Snippet("nginx", "location /auth/");
        Assert.Contains(Prefix, example, StringComparison.Ordinal);
        prefix = prefix.Length > 0 ? prefix : Prefix.Replace("/auth", path.TrimEnd('/'), StringComparison.Ordinal);
        example = example
            .Replace(Prefix, prefix, StringComparison.Ordinal)
            .Replace("/auth/", path, StringComparison.Ordinal)
            .Replace("127.0.0.1:5080", $"127.0.0.1:{server!.Http.BaseAddress!.Port}", StringComparison.Ordinal);
        return await BalancerProcess.StartNginxAsync(data.Root, $"server {{ listen 127.0.0.1:{port};\n{example}}}", port);
    }

    private async Task<BrowserDevice> NewDeviceAsync(string path)
    {
        var device = await chromium.NewDeviceAsync(new Uri($"http://localhost:{port}{path}"));
        device.Context.Request += (_, request) => requested.Enqueue(request.Url);
        return device;
    }
}
