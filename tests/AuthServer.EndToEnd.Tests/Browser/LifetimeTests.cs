using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Access tokens of 20 seconds in a browser, in real time.</summary>
public sealed class LifetimeTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private readonly DataFolder data = new();

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Private_route_works_through_several_token_lifetimes()
    {
        await using var server = await ServerProcess.StartAsync(data, "Playground:Enabled=true");
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.RegisterAsync("ada");
        await page.GotoAsync(new Uri(device.Server, "playground").ToString());
        var calls = 0;
        var ring = page.GetByRole(AriaRole.Timer);
        while (device.Refreshes < 4)
        {
            var response = await page.RunAndWaitForResponseAsync(() => page.Button("Call GET /me").ClickAsync(), "**/me");
            Assert.Equal(200, response.Status);
            calls++;

            // Waits for the next second of the countdown.
            var shown = await ring.InnerTextAsync();
            await Expect(ring).Not.ToHaveTextAsync(shown, new() { Timeout = 25_000, UseInnerText = true });
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{calls} calls, {device.Refreshes} refreshes");
        Assert.True(calls > 40, $"{calls}");
        device.ShouldHaveNoErrors();
        Assert.Equal((1, device.Refreshes, 0), data.Sessions());
    }
}
