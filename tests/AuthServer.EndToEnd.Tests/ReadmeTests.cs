using System.Diagnostics;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests;

/// <summary>What the README offers to copy works as it is, but for the port.</summary>
public sealed class ReadmeTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_for_web_developers_works()
    {
        using var data = new DataFolder();
        await using var frontEnd = new StaticPage();
        var origin = $"http://localhost:{frontEnd.Port}";
        await using var server = await ServerProcess.StartAsync(data, "Cors:Origins:0=" + origin);
        await server.Http.RegisterAsync("ada");
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        frontEnd.Html = await SnippetAsync("html", "createAuthClient", device.Server);
        var page = await device.OpenBlankAsync();
        await page.GotoAsync(origin);
        var answer = page.Locator("#answer");
        await Expect(answer).ToHaveTextAsync("Nobody is logged in.");

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
        await Expect(answer).ToHaveTextAsync("Nobody is logged in.");
        device.ShouldBeContent(401);
    }

    [Fact]
    public async Task Program_for_dotnet_developers_works()
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        var demo = Directory.CreateDirectory(Path.Combine(data.Root, "Demo")).FullName;
        await DotnetAsync("new", "console", "-o", demo);
        await DotnetAsync("add", demo, "reference", Path.Combine(Repository.Folder, "src/AuthServer.Client"));
        var program = await SnippetAsync("csharp", "AddAuthServerTokens", server.Http.BaseAddress!);
        await File.WriteAllTextAsync(Path.Combine(demo, "Program.cs"), program, Ct);
        Assert.Contains("\"username\":\"ada\"", await DotnetAsync("run", "--project", demo), StringComparison.Ordinal);
        Assert.Equal((1, 0, 1), data.Sessions());
    }

    private static async Task<string> SnippetAsync(string language, string mark, Uri server) =>
        (await Readme.SnippetAsync(language, mark)).Replace("http://localhost:5080", server.ToString().TrimEnd('/'), StringComparison.Ordinal);

    private static async Task<string> DotnetAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var dotnet = Process.Start(start)!;
        var errors = dotnet.StandardError.ReadToEndAsync(Ct);
        var output = await dotnet.StandardOutput.ReadToEndAsync(Ct);
        await dotnet.WaitForExitAsync(Ct);
        Assert.True(dotnet.ExitCode == 0, output + await errors);
        return output;
    }
}
