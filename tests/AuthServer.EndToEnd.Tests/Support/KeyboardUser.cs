using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A user of a page who has a keyboard and no pointer. Asserts that the focus can be seen wherever it goes.</summary>
public sealed class KeyboardUser(IPage page)
{
    private const int MostPresses = 60;

    // The element with the focus, if it has no ring or is outside the window. Source: WCAG 2.2 §2.4.7 and §2.4.11.
    private const string FindHiddenFocus =
        """
        () => {
          const e = document.activeElement;
          const [style, box] = [getComputedStyle(e), e.getBoundingClientRect()];
          const hasRing = e.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
          const isInside = box.width > 0 && box.top >= -1 && box.bottom <= innerHeight + 1;
          return e === document.body || (hasRing && isInside) ? '' : e.outerHTML.slice(0, 200);
        }
        """;

    /// <summary>Presses the tab key until an element has the focus.</summary>
    public async Task GoToAsync(string selector)
    {
        await Expect(page.Locator(selector)).ToBeVisibleAsync();
        for (var presses = 0; presses < MostPresses; presses++)
        {
            if (await page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
            Assert.Equal("", await page.EvaluateAsync<string>(FindHiddenFocus));
        }

        Assert.Fail($"The tab key does not lead to {selector}.");
    }

    /// <summary>Goes to an element and presses a key there.</summary>
    public async Task PressAsync(string selector, string key = "Enter")
    {
        await GoToAsync(selector);
        await page.Keyboard.PressAsync(key);
    }

    /// <summary>Goes to a field, and replaces its text.</summary>
    public async Task TypeAsync(string selector, string text)
    {
        await GoToAsync(selector);
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync(text);
    }

    /// <summary>Types into fields, in their order, and presses Enter in the last one.</summary>
    public async Task SendAsync(string form, params (string Field, string Text)[] values)
    {
        foreach (var (field, text) in values)
        {
            await TypeAsync($"{form} [name={field}]", text);
        }

        await page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Asserts that the page has moved the focus to an element.</summary>
    public Task ShouldBeAtAsync(string selector) => Expect(page.Locator(selector)).ToBeFocusedAsync();
}
