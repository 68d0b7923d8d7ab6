using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Tabs with a common session, in real time.</summary>
public sealed class TabTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private readonly DataFolder data = new();

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Two_tabs_keep_session_for_ten_tokens()
    {
        await using var server = await ServerProcess.StartAsync(data, "Tokens:AccessLifetime=00:00:05");
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var first = await device.RegisterAsync("ada");
        var second = await device.OpenAsync();
        await second.ShouldBeLoggedInAsync("ada");
        foreach (var page in new[] { first, second })
        {
            await page.KeepCallingAsync();
        }

        // Each token is renewed two seconds before it expires, so ten tokens last half a minute.
        foreach (var page in new[] { first, second })
        {
            await page.WaitForRenewalsAsync(10);
            await page.ShouldBeLoggedInAsync("ada");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{device.Refreshes} refreshes of two tabs");
        device.ShouldHaveNoErrors();

        // A refresh may have been committed whose answer has not reached its tab.
        await Eventually.BecomesAsync(() => data.Sessions() == (1, device.Refreshes, 0));
        Assert.Empty(server.Output.OfEvent(ServerEvent.RefreshTokenReused));
        Assert.Empty(server.Output.OfEvent(ServerEvent.RefreshShared));
    }
}
