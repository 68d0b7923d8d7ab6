using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>The pages that the guide gives to web developers, served as they are except for the address of the server.</summary>
public sealed class WebSnippetTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Page_for_web_developers_works()
    {
        using var data = new DataFolder();
        await using var frontEnd = new StaticPage();
        var origin = $"http://localhost:{frontEnd.Port}";
        await using var server = await ServerProcess.StartAsync(data, "Cors:Origins:0=" + origin);
        await server.Http.RegisterAsync("ada");
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        frontEnd.Html = Guide.Snippet("html", "<title>A front end</title>").WithServer(device.Server);
        var page = await device.OpenBlankAsync();
        await page.GotoAsync(origin);
        var answer = page.Locator("#answer");
        await Expect(answer).ToHaveTextAsync("You are not logged in.");

        await page.GetByPlaceholder("User name").FillAsync("ada");
        await page.GetByPlaceholder("Password").FillAsync("wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(answer).ToHaveTextAsync("User name or password is wrong.");
        await page.GetByPlaceholder("Password").FillAsync(HttpAssertions.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(answer).ToHaveTextAsync("Hello, ada");
        await page.ReloadAsync();
        await Expect(answer).ToHaveTextAsync("Hello, ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Who am I?" }).ClickAsync();
        await Expect(answer).ToContainTextAsync("\"username\": \"ada\"");
        await page.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await Expect(answer).ToHaveTextAsync("You are not logged in.");
        device.ShouldHaveNoErrors(401);
    }

    [Fact]
    public async Task Page_with_passkeys_works()
    {
        using var data = new DataFolder();
        await using var frontEnd = new StaticPage();
        var origin = $"http://localhost:{frontEnd.Port}";
        await using var server = await ServerProcess.StartAsync(data, "Cors:Origins:0=" + origin);
        await server.Http.RegisterAsync("ada");
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        frontEnd.Html = Guide.Snippet("html", "<title>Passkeys</title>").WithServer(device.Server);
        var page = await device.OpenBlankAsync();
        var authenticator = await VirtualAuthenticator.AddAsync(page);
        await page.GotoAsync(origin);
        var answer = page.Locator("#answer");
        await Expect(answer).ToHaveTextAsync("You are not logged in.");

        await page.GetByPlaceholder("User name").FillAsync("ada");
        await page.GetByPlaceholder("Password").FillAsync(HttpAssertions.Password);
        await page.Button("Log in").ClickAsync();
        await Expect(answer).ToHaveTextAsync("Hello, ada");
        await page.Button("Add a passkey").ClickAsync();
        await Expect(answer).ToContainTextAsync("Added ");
        await page.Button("Log out").ClickAsync();
        await Expect(answer).ToHaveTextAsync("You are not logged in.");
        await page.Button("Log in with a passkey").ClickAsync();
        await Expect(answer).ToHaveTextAsync("Hello, ada");

        // The authenticator takes the offer of the field at once.
        await page.Button("Log out").ClickAsync();
        await Expect(answer).ToHaveTextAsync("You are not logged in.");
        await page.ReloadAsync();
        await Expect(answer).ToHaveTextAsync("Hello, ada");
        Assert.Single(await authenticator.PasskeysAsync());
        device.ShouldHaveNoErrors(401);
    }
}
