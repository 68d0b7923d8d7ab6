using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The API reference, whose policy allows no inline script.</summary>
public sealed class DocsTests(Chromium chromium, RunningServer server) : IClassFixture<Chromium>, IClassFixture<RunningServer>
{
    [Theory]
    [InlineData("docs", ColorScheme.Light)]
    [InlineData("docs/", ColorScheme.Dark)]
    public async Task Reference_shows_and_calls_api(string path, ColorScheme colors)
    {
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!, o => o.ColorScheme = colors);
        var page = await device.OpenBlankAsync();
        await page.GotoAsync(device.Server + path);
        await page.CallFromReferenceAsync(device.Server + "health/live");
        device.ShouldHaveNoErrors();
    }
}
