using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The page for developers: what it shows of sessions that end, and what it leaves behind.</summary>
public sealed class PlaygroundTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    // Of the refusals that the page shows.
    private const int Refused = 401;

    private readonly DataFolder data = new();
    private ServerProcess? server;

    public async ValueTask InitializeAsync() => server = await ServerProcess.StartAsync(data, "Playground:Enabled=true");

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        data.Dispose();
    }

    [Theory]
    [InlineData("Use a stolen token", "reused")]
    [InlineData("Log this session out", "logout")]
    [InlineData("Log out from another device", "revoked")]
    public async Task End_of_session_appears_in_feed_with_answer_of_back_end(string act, string reason)
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var page = await OpenAsync(device);
        await page.Button("Refresh").ClickAsync();
        await Expect(page.GetByText("Listening. Last beat:")).ToBeVisibleAsync();
        await page.Button(act).ClickAsync();
        var entry = page.GetByRole(AriaRole.Region, new() { Name = "Feed of ended sessions" }).GetByRole(AriaRole.Listitem);
        await Expect(entry).ToContainTextAsync($"\"reason\":\"{reason}\"");
        await Expect(entry).ToContainTextAsync($"is refused: 401 session_ended {reason}");
        await Expect(page.GetByText("Not listening.")).ToBeVisibleAsync();
        await Expect(page.Button(act)).ToBeFocusedAsync();
        device.ShouldHaveNoErrors(Refused);
    }

    [Fact]
    public async Task Account_that_page_left_behind_is_deleted_when_tab_opens_it_again()
    {
        await using var device = await chromium.NewDeviceAsync(server!.Http.BaseAddress!);
        var page = await OpenAsync(device);

        // Such as a browser that crashes.
        await page.EvaluateAsync("addEventListener('pagehide', event => event.stopImmediatePropagation(), true)");
        await page.Button("Refresh").ClickAsync();
        await Expect(page.Locator(".generations .is-current")).ToHaveTextAsync("1current");
        var account = await page.EvaluateAsync<string>("sessionStorage['authserver.playground']");
        await page.ReloadAsync();
        await Eventually.BecomesAsync(async () =>
            await page.EvaluateAsync<string?>("sessionStorage['authserver.playground'] ?? null") is null);
        using var body = new StringContent(account, System.Text.Encoding.UTF8, "application/json");
        var login = await server.Http.PostAsync(new Uri("/login", UriKind.Relative), body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, login.StatusCode);
        device.ShouldHaveNoErrors(Refused);
    }

    private static async Task<IPage> OpenAsync(BrowserDevice device)
    {
        var page = await device.OpenBlankAsync();
        await page.GotoAsync(new Uri(device.Server, "playground").ToString());
        return page;
    }
}
