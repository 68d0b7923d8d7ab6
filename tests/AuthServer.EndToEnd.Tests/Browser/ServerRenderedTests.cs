using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The server-rendered samples in Chromium, started by the commands of the guide.</summary>
public sealed class ServerRenderedTests(Chromium chromium, Checkout checkout)
    : IClassFixture<Chromium>, IClassFixture<Checkout>, IDisposable
{
    private readonly DataFolder data = new();

    public void Dispose() => data.Dispose();

    [Theory]
    [InlineData("dotnet run --project src/Samples/RazorPages")]
    [InlineData("node src/Samples/Express/index.mjs")]
    public async Task User_logs_in_and_out_at_sample_of_guide(string command)
    {
        if (command.StartsWith("node ", StringComparison.Ordinal))
        {
            await NpmPackages.SkipUnlessInstalledAsync();
        }

        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var lines = Guide.Snippet("bash", command).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines.Where(line => line != command && !line.Contains("src/AuthServer ", StringComparison.Ordinal)))
        {
            await checkout.RunAsync(line);
        }

        await using var sample = await SampleApplication.StartAsync(checkout.StartOf("exec " + command), device.Server);
        var page = await device.OpenBlankAsync();
        await page.GotoAsync(sample.Address.ToString());
        await page.GetByLabel("User name").FillAsync("ada");
        await page.GetByLabel("Password").FillAsync(HttpAssertions.Password);
        await page.Button("Log in").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Hello, ada" })).ToBeVisibleAsync();
        var cookie = Assert.Single(
            await device.Context.CookiesAsync(), cookie => cookie.Name == FormBrowser.SessionCookie);
        Assert.Equal((true, true, SameSiteAttribute.Lax), (cookie.HttpOnly, cookie.Secure, cookie.SameSite));

        await page.GetByRole(AriaRole.Link, new() { Name = "Your devices" }).ClickAsync();
        await Expect(page.GetByText("(this device)")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Back" }).ClickAsync();
        await page.Button("Log out").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Log in" })).ToBeVisibleAsync();
        Assert.DoesNotContain(await device.Context.CookiesAsync(), cookie => cookie.Name == FormBrowser.SessionCookie);
        Assert.Equal((1, 0, 1), data.Sessions());
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Login_page_of_server_leads_to_sample_on_other_port()
    {
        var issuer = $"http://localhost:{LoopbackPort.Free()}";
        await using var sample = await SampleApplication.StartAsync("RazorPages", new Uri(issuer));
        var origin = sample.Address.GetLeftPart(UriPartial.Authority);
        await using var server = await ServerProcess.StartAsync(
            data, $"urls={issuer}", $"Tokens:Issuer={issuer}", $"ForwardAuth:Origins:0={origin}");
        await server.Http.RegisterAsync("ada");
        await using var device = await chromium.NewDeviceAsync(new Uri(issuer));
        var page = await device.OpenBlankAsync();
        await page.GotoAsync($"{issuer}/?return_to={Uri.EscapeDataString(origin + "/devices")}");
        await page.LogInAsync("ada");
        await Expect(page.GetByText("(this device)")).ToBeVisibleAsync();
        Assert.Equal(origin + "/devices", page.Url);
    }
}
