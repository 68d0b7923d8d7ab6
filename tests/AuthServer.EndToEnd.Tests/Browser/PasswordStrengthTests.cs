using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>The strength of a new password, which the page shows before the form is sent.</summary>
public sealed class PasswordStrengthTests(Chromium chromium, RunningServer server)
    : IClassFixture<Chromium>, IClassFixture<RunningServer>
{
    private const string Route = "**/password/strength";
    private const string Names = "It is too easy to guess from your own names, or from those of this service.";

    private static readonly Regex IsMet = new("is-met");

    [Fact]
    public async Task Form_says_how_strong_new_password_is()
    {
        await using var device = await NewDeviceAsync();
        var (form, password, strength) = await OpenFormAsync(device);
        var rule = form.GetByText("Hard to guess");
        await form.GetByLabel("User name").FillAsync("zyxgrub");
        await Expect(strength).ToHaveAttributeAsync("aria-live", "polite");
        await password.FillAsync("zyxgrub7!");
        await Expect(strength).ToHaveTextAsync($"Strength: Very weak. {Names}");
        await Expect(rule).Not.ToHaveClassAsync(IsMet);
        await form.GetByLabel("User name").FillAsync("ada");
        await Expect(strength).Not.ToContainTextAsync(Names);
        await password.FillAsync(HttpAssertions.Password);
        await Expect(strength).ToHaveTextAsync("Strength: Strong.");
        await Expect(rule).ToHaveClassAsync(IsMet);
        await password.FillAsync("short");
        await Expect(strength).ToBeEmptyAsync();
        await Expect(rule).Not.ToHaveClassAsync(IsMet);
        device.ShouldHaveNoErrors();
    }

    [Fact]
    public async Task Late_answer_is_dropped_and_each_pause_asks_once()
    {
        await using var device = await NewDeviceAsync();
        var (form, password, strength) = await OpenFormAsync(device);
        var (asked, first) = (0, new TaskCompletionSource<IRoute>());
        await form.Page.RouteAsync(Route, route => ++asked == 1 ? Hold(route) : route.ContinueAsync());
        await password.PressSequentiallyAsync("password1");
        var late = await first.Task.WaitAsync(TestContext.Current.CancellationToken);
        await password.PressSequentiallyAsync(" velvet harbour umbrella");
        await Expect(strength).ToHaveTextAsync("Strength: Strong.");
        await form.Page.RunAndWaitForResponseAsync(() => late.ContinueAsync(), Route);
        await form.Page.EvaluateAsync("fetch('health/live').then((answer) => answer.text())");
        await Expect(strength).ToHaveTextAsync("Strength: Strong.");
        Assert.InRange(asked, 2, 10);
        device.ShouldHaveNoErrors();

        Task Hold(IRoute route)
        {
            first.SetResult(route);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Form_without_answer_shows_no_strength_and_works()
    {
        await using var device = await NewDeviceAsync();
        var (form, password, strength) = await OpenFormAsync(device);
        await password.FillAsync("harbour umbrella");
        await Expect(strength).ToHaveTextAsync("Strength: Fair.");
        var refused = 0;
        await form.Page.RouteAsync(Route, route =>
        {
            refused++;
            return route.FulfillAsync(new() { Status = 429 });
        });
        await password.FillAsync("velvet umbr");
        await Expect(strength).ToBeEmptyAsync();

        // A timer of the page that is set later, and is longer than its own.
        await password.FillAsync(HttpAssertions.Password);
        await form.Page.EvaluateAsync("new Promise((done) => setTimeout(done, 400))");
        Assert.Equal(1, refused);
        await form.GetByLabel("User name").FillAsync("limited");
        await password.PressAsync("Enter");
        await form.Page.ShouldBeLoggedInAsync("limited");
        device.ShouldHaveNoErrors(429);
    }

    [Fact]
    public async Task Changed_password_is_held_to_names_of_account_and_login_asks_nothing()
    {
        await using var device = await NewDeviceAsync();
        var account = new { username = "held", password = HttpAssertions.Password, displayName = "Zyx Grubvok" };
        await server.Http.PostAsync("/register", account);
        var page = await device.OpenBlankAsync();
        var asked = 0;
        page.Request += (_, request) => asked += request.Url.EndsWith("/password/strength", StringComparison.Ordinal) ? 1 : 0;
        await page.GotoAsync(device.Server.ToString());
        await page.LogInAsync("held");
        await page.ShouldBeLoggedInAsync("Zyx Grubvok");
        await page.ShowAsync("Login & security");
        await page.Button("Change password").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Current password").FillAsync(HttpAssertions.Password);
        await dialog.GetByLabel("New password").FillAsync("grubvok1");
        await Expect(dialog.Locator(".strength")).ToContainTextAsync(Names);
        Assert.Equal(1, asked);
        device.ShouldHaveNoErrors();
    }

    private static async Task<(ILocator Form, ILocator Password, ILocator Strength)> OpenFormAsync(BrowserDevice device)
    {
        var page = await device.OpenAsync();
        await page.Button("Create an account").ClickAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Create an account" });
        return (form, form.GetByLabel("Password"), form.Locator(".strength"));
    }

    private Task<BrowserDevice> NewDeviceAsync() => chromium.NewDeviceAsync(server.Http.BaseAddress!);
}
