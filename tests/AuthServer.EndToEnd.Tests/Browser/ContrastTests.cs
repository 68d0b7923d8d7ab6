using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The pages for users who ask for more contrast, for colours of their own, or for paper.</summary>
public sealed class ContrastTests(Chromium chromium, Axe axe, RunningServer server)
    : IClassFixture<Chromium>, IClassFixture<Axe>, IClassFixture<RunningServer>
{
    // A colour of a company, which is neither light nor dark.
    private const string Color = "#2f9e7a";

    private static readonly ColorScheme[] Themes = [ColorScheme.Light, ColorScheme.Dark];

    [Theory]
    [InlineData("")]
    [InlineData(Color)]
    public async Task Texts_have_enhanced_contrast_if_user_wants_more(string color)
    {
        axe.SkipUnlessInstalled();
        using var data = new DataFolder();
        await using var branded = await ServerProcess.StartAsync(data, $"Branding:Color={color}");
        await using var device = await chromium.NewDeviceAsync(branded.Http.BaseAddress!, options =>
        {
            options.Contrast = Contrast.More;
            options.ReducedMotion = ReducedMotion.Reduce;
        });
        var page = await device.OpenAsync();
        await Expect(page.Locator("#login-form")).ToBeVisibleAsync();
        await CheckContrastAsync(page, color, "login");
        await page.LogInAsync("nobody", "wrong");
        await Expect(page.Locator("#login-form .problem")).Not.ToBeEmptyAsync();
        await CheckContrastAsync(page, color, "login-refused");
        await page.CloseAsync();
        page = await device.RegisterAsync("ada");
        await Expect(page.Locator("#profile-card .row").First).ToBeVisibleAsync();
        await CheckContrastAsync(page, color, "profile");
        await page.Locator(".tabs [href='#data']").ClickAsync();
        await page.Locator("#data-cards .danger").ClickAsync();
        await CheckContrastAsync(page, color, "delete");
    }

    [Fact]
    public async Task Forced_colors_leave_place_and_bounds_of_what_is_used()
    {
        await using var device = await chromium.NewDeviceAsync(
            server.Http.BaseAddress!, options => options.ForcedColors = ForcedColors.Active);
        var page = await device.OpenAsync();
        await Expect(page.Locator("#login-form")).ToBeVisibleAsync();
        await ScreenAsync(page, "forced-login");
        Assert.NotEqual(
            await StyleAsync(page, "#login-form .primary", "backgroundColor"),
            await StyleAsync(page, "#login-passkey", "backgroundColor"));
        await page.CloseAsync();
        page = await device.RegisterAsync("forced");
        await Expect(page.Locator("#profile-card .row").First).ToBeVisibleAsync();
        foreach (var width in new[] { 360, 1440 })
        {
            await page.SetViewportSizeAsync(width, 800);
            await ScreenAsync(page, $"forced-profile-{width}");
            var (current, other) = (
                await MarkOfAsync(page, ".tabs [href='#profile']"), await MarkOfAsync(page, ".tabs [href='#devices']"));
            Assert.NotEqual(current, other);
        }

        await page.Locator(".tabs [href='#security']").ClickAsync();
        await page.Locator("#security-cards .card").First.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator("dialog [name=newPassword]")).ToBeVisibleAsync();
        await page.Locator("dialog [type=submit]").ClickAsync();
        await Expect(page.Locator("dialog .field-problem")).ToBeVisibleAsync();
        await ScreenAsync(page, "forced-password");
        Assert.NotEqual(
            await StyleAsync(page, "dialog [name=currentPassword]", "borderTopWidth"),
            await StyleAsync(page, "dialog [name=newPassword]", "borderTopWidth"));
    }

    [Fact]
    public async Task Paper_has_what_page_shows_and_recovery_codes_alone()
    {
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!, o => o.ColorScheme = ColorScheme.Dark);
        var page = await device.RegisterAsync("printed");
        await Expect(page.Locator("#profile-card .row").First).ToBeVisibleAsync();
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await ScreenAsync(page, "print-profile");
        await Expect(page.Locator("#hello")).ToBeVisibleAsync();
        await Expect(page.Locator("#profile-card .row")).ToHaveCountAsync(4);
        await Expect(page.Locator("#profile-card .row").Last).ToBeVisibleAsync();
        await Expect(page.Locator("button:visible, select:visible, .tabs:visible")).ToHaveCountAsync(0);
        Assert.Equal("rgb(21, 24, 30)", await StyleAsync(page, "#hello", "color"));

        await page.EmulateMediaAsync(new() { Media = Media.Screen });
        await page.EvaluateAsync(
            "import('./account/factor.js').then(factor => { factor.showCodes(['AAAA-BBBB', 'CCCC-DDDD'], 'printed'); })");
        await Expect(page.Locator("dialog .codes")).ToBeVisibleAsync();
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await ScreenAsync(page, "print-recovery-codes");
        await Expect(page.Locator("dialog .codes li").Last).ToBeVisibleAsync();
        await Expect(page.Locator("#hello")).ToBeHiddenAsync();
        await Expect(page.Locator("button:visible")).ToHaveCountAsync(0);
    }

    private async Task CheckContrastAsync(IPage page, string color, string state)
    {
        foreach (var theme in Themes)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            await ScreenAsync(page, $"contrast{color}-{theme}-{state}");
            await Screens.CheckWithAxeAsync(page, axe, $"{state} {theme}", "color-contrast-enhanced");
        }
    }

    private static Task<string> StyleAsync(IPage page, string selector, string property) =>
        page.Locator(selector).EvaluateAsync<string>("(element, property) => getComputedStyle(element)[property]", property);

    // The marks that forced colours leave: colours are those of the user, and shadows are gone.
    private static async Task<string> MarkOfAsync(IPage page, string selector) => string.Join(
        ' ',
        await StyleAsync(page, selector, "borderBlockEndStyle"),
        await StyleAsync(page, selector, "borderBlockEndColor"),
        await StyleAsync(page, selector, "backgroundColor"),
        await StyleAsync(page, selector, "outlineStyle"));

    private static Task<byte[]> ScreenAsync(IPage page, string name) => page.ScreenshotAsync(
        new() { Path = Path.Combine(Screens.Folder, name.ToLowerInvariant() + ".png"), FullPage = true });
}
