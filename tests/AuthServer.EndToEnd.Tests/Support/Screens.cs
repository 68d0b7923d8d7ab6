using System.Text.Json;
using Microsoft.Playwright;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>
/// The screenshots of a page, in each theme and width, with checks of what they show. Their names begin with the language, the
/// theme and the width.
/// </summary>
/// <param name="page">The page.</param>
/// <param name="axe">Finds its faults.</param>
/// <param name="language">The language of its texts.</param>
/// <param name="first">The number of the first state.</param>
public sealed class Screens(IPage page, Axe axe, string language, int first = 1)
{
    private const int NarrowWidth = 320;
    private const int DefaultFontSize = 16;
    private const int LargeFontSize = 32;
    private const int ZoomedWidth = 640;
    private const int ZoomedHeight = 1600;

    // Texts that leave their box, or that their box cuts off. Password managers read fields that no one sees.
    private const string FindCutTexts =
        """
        () => [...document.querySelectorAll('body *')]
            .filter(e => !e.closest('svg, select, .for-managers, .unseen') && e.checkVisibility() && e.tagName !== 'INPUT')
            .filter(e => [...e.childNodes].some(child => child.nodeType === Node.TEXT_NODE && child.data.trim()))
            .filter(e => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1)
            .map(e => `${e.tagName} ${e.id} ${e.className} ${e.textContent.slice(0, 40)}`)
        """;

    private static readonly int[] Widths = [360, 768, 1440];
    private static readonly ColorScheme[] Themes = [ColorScheme.Light, ColorScheme.Dark];

    private int count = first - 1;

    /// <summary>The folder of all screenshots.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Folder, "artifacts/screens");

    public IPage Page => page;

    /// <summary>Takes the screenshots of a state, and checks that it is accessible and cuts no text off.</summary>
    public async Task CheckAsync(string state)
    {
        count++;
        foreach (var theme in Themes)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme });

            // So axe sees the widest window in one theme, and the narrowest in the other.
            foreach (var width in theme is ColorScheme.Light ? Widths : Widths.Reverse())
            {
                await TakeAsync($"{theme}-{width}", width, state);
            }

            await CheckWithAxeAsync(page, axe, state);
        }

        await CheckZoomAsync(state);
        await page.SetViewportSizeAsync(Widths[0], 800);
    }

    /// <summary>Asserts that axe finds nothing on a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="axe">The finder.</param>
    /// <param name="state">The state of the page.</param>
    /// <param name="rule">The only rule to check; all that are on by default without it.</param>
    public static async Task CheckWithAxeAsync(IPage page, Axe axe, string state, string? rule = null)
    {
        var options = rule is null ? "{}" : $"{{ runOnly: ['{rule}'] }}";
        if (!await page.EvaluateAsync<bool>("'axe' in globalThis"))
        {
            await page.EvaluateAsync(axe.Script);
        }

        var json = await page.EvaluateAsync<string>($"axe.run({options}).then(JSON.stringify)");
        var result = JsonDocument.Parse(json).RootElement;
        var violations = result.GetProperty("violations").EnumerateArray();
        Assert.Empty(violations.Select(
            violation => $"{state}: {violation.GetProperty("id")}: {violation.GetProperty("nodes")}"));
        Assert.True(result.GetProperty("passes").GetArrayLength() > (rule is null ? 10 : 0));
    }

    // Sources: WCAG 2.2 §1.4.4 (text of twice the size) and §1.4.10 (a window of 320 pixels).
    private async Task CheckZoomAsync(string state)
    {
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await page.SetViewportSizeAsync(NarrowWidth, 800);
        await CheckTextsAsync($"{state} in {NarrowWidth} pixels");
        var session = await page.Context.NewCDPSessionAsync(page);
        await page.SetViewportSizeAsync(ZoomedWidth, ZoomedHeight);
        await SetFontSizeAsync(session, LargeFontSize);
        await CheckTextsAsync($"{state} with large text");

        // A picture of the whole page would take the size of the text back.
        await page.ScreenshotAsync(new() { Path = PathOf($"large-{ZoomedWidth}", state) });
        await SetFontSizeAsync(session, DefaultFontSize);
        await session.DetachAsync();
    }

    private async Task SetFontSizeAsync(ICDPSession session, int size)
    {
        await session.SendAsync(
            "Page.setFontSizes",
            new() { ["fontSizes"] = new Dictionary<string, object> { ["standard"] = size, ["fixed"] = size } });
        await page.WaitForFunctionAsync("size => getComputedStyle(document.documentElement).fontSize === `${size}px`", size);
    }

    private async Task TakeAsync(string kind, int width, string state)
    {
        await page.SetViewportSizeAsync(width, 800);

        // A dialog is in the middle of the window, and not of the page.
        var isWhole = await page.Locator("dialog[open]").CountAsync() == 0;
        await page.ScreenshotAsync(new() { Path = PathOf(kind, state), FullPage = isWhole });
        await CheckTextsAsync($"{state} {kind}");
    }

    private string PathOf(string kind, string state) =>
        Path.Combine(Folder, $"{language}-{kind}-{count:00}-{state}.png".ToLowerInvariant());

    private async Task CheckTextsAsync(string name)
    {
        var isTooWide = await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth");
        Assert.False(isTooWide, $"{name} is wider than its window.");
        Assert.Empty((await page.EvaluateAsync<string[]>(FindCutTexts)).Select(text => $"{name}: {text}"));
    }
}
