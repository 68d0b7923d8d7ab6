using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>The application that the guide gives to developers of React, built by Vite with the package.</summary>
public sealed class ReactSnippetTests(Chromium chromium, Checkout checkout) : IClassFixture<Chromium>, IClassFixture<Checkout>
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "react");

    private static readonly GuidePage Page = Guide.Read("src/docs/react.md").Section("React in an hour");

    [Fact]
    public async Task Application_for_React_logs_in_and_survives_reload()
    {
        await NpmPackages.SkipUnlessInstalledAsync(Folder);
        using var data = new DataFolder();
        await using var frontEnd = new StaticFiles(Path.Combine(Folder, "dist"));
        await using var server = await ServerProcess.StartAsync(data, "Cors:Origins:0=" + frontEnd.Origin);
        await server.Http.RegisterAsync("ada");
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        await BuildAsync(device.Server);

        var page = await device.OpenBlankAsync();
        await page.GotoAsync(frontEnd.Origin);
        await LogInAsync(page, "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("User name or password is wrong.");
        await LogInAsync(page, HttpAssertions.Password);
        await ShouldBeLoggedInAsync(page);
        await page.ReloadAsync();
        await ShouldBeLoggedInAsync(page);

        // With the page in another tab, whose store may be late.
        var other = await device.OpenBlankAsync();
        await other.GotoAsync(frontEnd.Origin);
        await ShouldBeLoggedInAsync(other);
        await other.Button("Log out").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Log in" })).ToBeVisibleAsync();
        await Eventually.BecomesAsync(() => data.Sessions().Ended == 1);
        device.ShouldHaveNoErrors(401);
    }

    private static async Task LogInAsync(IPage page, string password)
    {
        await page.GetByLabel("User name").FillAsync("ada");
        await page.GetByLabel("Password").FillAsync(password);
        await page.Button("Log in").ClickAsync();
    }

    private static async Task ShouldBeLoggedInAsync(IPage page)
    {
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Hello, ada" })).ToBeVisibleAsync();
        await Expect(page.Locator("pre")).ToContainTextAsync("\"username\": \"ada\"");
    }

    /// <summary>Writes the files of the guide, installs the package, and builds the application.</summary>
    private async Task BuildAsync(Uri server)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "src"));
        string[] snippets = [.. Page.Snippets("js"), .. Page.Snippets("jsx")];
        foreach (var snippet in snippets)
        {
            var name = snippet.Split('\n')[0].Replace("// ", "", StringComparison.Ordinal);
            await File.WriteAllTextAsync(
                Path.Combine(Folder, name), snippet.WithServer(server), TestContext.Current.CancellationToken);
        }

        await checkout.RunAsync(Page.Snippets("bash").First().Split('\n')[0]);
        var package = Assert.Single(Directory.GetFiles(checkout.PathOf(".."), "authserver-client-*.tgz"));
        Assert.Contains($"npm install ../{Path.GetFileName(package)}\n", Page.Text, StringComparison.Ordinal);
        await checkout.RunAsync($"cd '{Folder}' && npm install --no-save --no-audit --no-fund '{package}' && npm run build");
    }
}
