using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>
/// The pictures of the guide, as screenshots. Only their sizes are compared, so a person looks if they are old.
/// </summary>
public sealed class PictureTests(Chromium chromium, RunningServer server)
    : IClassFixture<Chromium>, IClassFixture<RunningServer>
{
    /// <summary>With the value <c>write</c>, the pictures of the guide are replaced.</summary>
    private const string Switch = "GUIDE_PICTURES";

    private const int LargestPicture = 60_000;
    private const string GuideFolder = "src/docs/images";

    private static readonly string Folder = Path.Combine(
        Repository.Folder, Environment.GetEnvironmentVariable(Switch) == "write" ? GuideFolder : "artifacts/pictures");

    [Fact]
    public async Task Guide_has_small_pictures_of_login_and_account()
    {
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!, options =>
        {
            options.DeviceScaleFactor = 1.5f;
            options.ReducedMotion = ReducedMotion.Reduce;
        });
        var page = await device.OpenAsync();
        await page.SetViewportSizeAsync(400, 650);
        await Expect(page.Locator("#login-form")).ToBeVisibleAsync();
        await TakeAsync(page, "login");

        await server.Http.PostAsync(
            "/register", new { username = "ada", displayName = "Ada Lovelace", password = HttpAssertions.Password });
        await page.LogInAsync("ada");
        await page.SetViewportSizeAsync(800, 640);
        await page.Locator(".tabs [href='#security']").ClickAsync();
        await Expect(page.Locator("#security-cards .card")).ToHaveCountAsync(3);
        await TakeAsync(page, "account");
    }

    private static async Task TakeAsync(IPage page, string name)
    {
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.Mouse.MoveAsync(0, 0);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await TakeThemeAsync(page, name);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await TakeThemeAsync(page, name + "-dark");
    }

    // Their sizes have to agree and not their pixels, which differ between machines.
    private static async Task TakeThemeAsync(IPage page, string name)
    {
        Directory.CreateDirectory(Folder);
        var taken = SmallPng.From(await page.ScreenshotAsync());
        await File.WriteAllBytesAsync(Path.Combine(Folder, name + ".png"), taken, TestContext.Current.CancellationToken);
        var kept = await File.ReadAllBytesAsync(
            Path.Combine(Repository.Folder, GuideFolder, name + ".png"), TestContext.Current.CancellationToken);
        Assert.InRange(kept.Length, 1, LargestPicture);
        Assert.Equal(SmallPng.SizeOf(taken), SmallPng.SizeOf(kept));
    }
}
