using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A browser that somebody uses the account page with, and what its console said.</summary>
public sealed partial class BrowserDevice(IBrowserContext context, Uri server) : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> complaints = [];
    private int refreshes;

    public IBrowserContext Context => context;

    /// <summary>Where the browser finds the server. By the name of this machine, for to an address no cookie could be bound.</summary>
    public Uri Server { get; } = new UriBuilder(server) { Host = "localhost" }.Uri;

    /// <summary>How many refreshes were answered with a pair.</summary>
    public int Refreshes => refreshes;

    /// <summary>Errors of scripts, of loading and of the content security policy.</summary>
    public IReadOnlyCollection<string> Complaints => complaints;

    /// <summary>Opens the account page in a new tab.</summary>
    public async Task<IPage> OpenAsync()
    {
        var page = await OpenBlankAsync();
        await page.GotoAsync(Server.ToString());
        return page;
    }

    /// <summary>Opens a tab that is told of by <see cref="Complaints"/> like every other.</summary>
    public async Task<IPage> OpenBlankAsync()
    {
        var page = await context.NewPageAsync();
        page.PageError += (_, error) => complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Enqueue($"{message.Text} ({message.Location})");
            }
        };
        page.Response += (_, response) =>
        {
            if (response.Ok && new Uri(response.Url).AbsolutePath == "/refresh")
            {
                Interlocked.Increment(ref refreshes);
            }
        };
        return page;
    }

    /// <summary>Opens the page, and an account with it.</summary>
    public async Task<IPage> RegisterAsync(string username)
    {
        var page = await OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create an account" }).ClickAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Create an account" });
        await form.GetByLabel("User name").FillAsync(username);
        await form.GetByLabel("Password").FillAsync(HttpAssertions.Password);
        await form.GetByRole(AriaRole.Button, new() { Name = "Create an account" }).ClickAsync();
        await page.ShouldBeLoggedInAsync(username);
        return page;
    }

    /// <summary>Opens the page and logs in.</summary>
    public async Task<IPage> LogInAsync(string username)
    {
        var page = await OpenAsync();
        await page.LogInAsync(username);
        await page.ShouldBeLoggedInAsync(username);
        return page;
    }

    /// <summary>Nothing was complained of, but for the answers that a test asked for.</summary>
    /// <param name="expected">Statuses that Chromium reports as errors of loading.</param>
    public void ShouldBeContent(params int[] expected)
    {
        var unexpected = complaints.Where(text => !(FailedLoad().Match(text) is { Success: true } match
            && expected.Contains(int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))));
        Assert.Empty(unexpected);
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    [GeneratedRegex("the server responded with a status of (\\d+)")]
    private static partial Regex FailedLoad();
}

/// <summary>What the account page is held to.</summary>
public static class PageAssertions
{
    public static ILocator Button(this IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Fills the login form in and sends it.</summary>
    public static async Task LogInAsync(this IPage page, string username, string password = HttpAssertions.Password)
    {
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Log in" });
        await form.GetByLabel("User name").FillAsync(username);
        await form.GetByLabel("Password").FillAsync(password);
        await form.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
    }

    public static async Task ShouldBeLoggedInAsync(this IPage page, string name)
    {
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Hello, {name}" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Log in" })).ToBeHiddenAsync();
    }

    public static async Task ShouldBeLoggedOutAsync(this IPage page, string message)
    {
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(message);
        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Log in" })).ToBeVisibleAsync();
    }

    /// <summary>Presses the private-route button and waits for its answer, which has to be good.</summary>
    public static async Task CallAsync(this IPage page)
    {
        var answer = await page.RunAndWaitForResponseAsync(() => page.Button("Call GET /me").ClickAsync(), "**/me");
        Assert.Equal(200, answer.Status);
    }

    /// <summary>Presses the private-route button of a session that is over, which the page's own renewal may have found out before.</summary>
    public static Task CallInVainAsync(this IPage page) =>
        page.GetByRole(AriaRole.Button, new() { Name = "Call GET /me", IncludeHidden = true }).DispatchEventAsync("click");
}
