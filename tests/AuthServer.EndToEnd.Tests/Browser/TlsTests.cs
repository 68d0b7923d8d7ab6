using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The cookie behind a proxy that terminates TLS.</summary>
public sealed class TlsTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Cookie_works_behind_known_tls_proxy()
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data, "Proxies:Known:0=127.0.0.1");
        await using var proxy = new TlsProxy(server.Http.BaseAddress!);
        await using var device = await chromium.NewDeviceAsync(proxy.Address, options => options.IgnoreHTTPSErrors = true);
        var page = await device.RegisterAsync("tls");
        await page.ReloadAsync();
        await page.ShouldBeLoggedInAsync("tls");
        await page.CallAsync();
        Assert.True(Assert.Single(await device.RefreshCookiesAsync()).Secure);
        await page.Button("Log out").First.ClickAsync();
        await page.ShouldBeLoggedOutAsync("You are logged out.");
        Assert.Empty(await device.RefreshCookiesAsync());
        device.ShouldHaveNoErrors();
    }
}
