using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>
/// The installed Chromium, started once for the tests of a class. All hosts of <c>example.test</c> are this machine.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (Program is null)
        {
            return;
        }

        // Generous, because the machine may be slow. A test that asserts a duration sets its own timeout.
        Assertions.SetDefaultExpectTimeout(120_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Program,
            Args = ["--no-sandbox", "--host-resolver-rules=MAP *.example.test 127.0.0.1"],
        });
    }

    /// <summary>
    /// Creates a device with cookies, storage and cache of its own. Skips the test if Chromium is not installed.
    /// </summary>
    /// <param name="server">The server whose page the device opens.</param>
    /// <param name="change">Changes the defaults, such as color scheme, language and size.</param>
    public async Task<BrowserDevice> NewDeviceAsync(Uri server, Action<BrowserNewContextOptions>? change = null)
    {
        Assert.SkipWhen(browser is null, "needs Chromium: install the Debian package chromium");
        var options = new BrowserNewContextOptions { Locale = "en-US", ViewportSize = new() { Width = 1440, Height = 900 } };
        change?.Invoke(options);
        var context = await browser.NewContextAsync(options);
        context.SetDefaultTimeout(120_000);
        return new BrowserDevice(context, server);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
    }
}
