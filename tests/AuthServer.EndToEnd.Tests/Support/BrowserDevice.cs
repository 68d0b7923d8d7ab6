using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A browser on the account page. It records the errors and warnings of the browser's console.</summary>
public sealed partial class BrowserDevice(IBrowserContext context, Uri server) : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> errors = [];
    private int refreshes;
    private int questions;

    public IBrowserContext Context => context;

    /// <summary>
    /// The address of the server with the host name <c>localhost</c>, from which Chromium accepts secure cookies over HTTP.
    /// </summary>
    public Uri Server { get; } = new UriBuilder(server) { Host = "localhost" }.Uri;

    /// <summary>Number of successful refreshes.</summary>
    public int Refreshes => refreshes;

    /// <summary>The refresh cookies: one or none. The device cookie outlives the session.</summary>
    public async Task<IReadOnlyList<BrowserContextCookiesResult>> RefreshCookiesAsync() =>
        [.. (await context.CookiesAsync()).Where(cookie => cookie.Name == "__Host-refresh")];

    /// <summary>Opens the account page in a new tab.</summary>
    public async Task<IPage> OpenAsync()
    {
        var page = await OpenBlankAsync();
        await page.GotoAsync(Server.ToString());
        return page;
    }

    /// <summary>Opens an empty tab, whose errors are recorded like those of every tab.</summary>
    public async Task<IPage> OpenBlankAsync()
    {
        var page = await context.NewPageAsync();
        page.PageError += (_, error) => errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                errors.Enqueue($"{message.Text} ({message.Location})");
            }
        };
        page.Response += (_, response) =>
        {
            if (!new Uri(response.Url).AbsolutePath.EndsWith("/refresh", StringComparison.Ordinal))
            {
                return;
            }

            if (response.Ok)
            {
                Interlocked.Increment(ref refreshes);
            }
            else if (response.Status == 401 && response.Headers.GetValueOrDefault("www-authenticate") == "Bearer")
            {
                // There was no cookie: a page that is not logged in has asked for it.
                Interlocked.Increment(ref questions);
            }
        };
        return page;
    }

    /// <summary>Opens the page and creates an account.</summary>
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

    /// <summary>Asserts that the browser reported no errors or warnings, except failed requests with expected statuses.</summary>
    /// <param name="expected">The expected statuses, which Chromium reports as loading errors.</param>
    public void ShouldHaveNoErrors(params int[] expected)
    {
        var unexpected = errors.ToList().FindAll(text => !(FailedLoad().Match(text) is { Success: true } match
            && expected.Contains(int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))));
        var asked = unexpected.FindAll(Question().IsMatch);
        var found = string.Join('\n', unexpected.Except(asked).Concat(asked.Skip(questions)));
        Assert.True(found.Length == 0, found);
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    [GeneratedRegex("the server responded with a status of (\\d+)")]
    private static partial Regex FailedLoad();

    [GeneratedRegex("a status of 401 .*/refresh\\?transport=cookie")]
    private static partial Regex Question();
}

/// <summary>Actions and assertions on the account page.</summary>
public static class PageAssertions
{
    // The page has the module already, so this is its own client.
    private const string Call =
        """
        async () => {
          const { client, server } = await import('./account/client.js');
          return (await client.fetch(new URL('me', server))).status;
        }
        """;

    public static ILocator Button(this IPage page, string name) =>
        page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Fills in the login form and submits it.</summary>
    public static async Task LogInAsync(this IPage page, string username, string password = HttpAssertions.Password)
    {
        var form = page.GetByRole(AriaRole.Form, new() { Name = "Log in" });
        await form.GetByLabel("User name").FillAsync(username);
        await form.GetByLabel("Password").FillAsync(password);
        await form.GetByRole(AriaRole.Button, new() { Name = "Log in", Exact = true }).ClickAsync();
    }

    public static async Task ShouldBeLoggedInAsync(this IPage page, string name)
    {
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true, Level = 1 })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Log in" })).ToBeHiddenAsync();
    }

    public static async Task ShouldBeLoggedOutAsync(this IPage page, string message)
    {
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(message);
        await Expect(page.GetByRole(AriaRole.Form, new() { Name = "Log in" })).ToBeVisibleAsync();
    }

    /// <summary>Shows a part of the account, by its name in the navigation.</summary>
    public static Task ShowAsync(this IPage page, string part) =>
        page.GetByRole(AriaRole.Link, new() { Name = part, Exact = true }).ClickAsync();

    /// <summary>Changes the password in the dialog of the account page, which stays open if that is refused.</summary>
    public static async Task<ILocator> ChangePasswordAsync(this IPage page, string current, string next)
    {
        var dialog = page.GetByRole(AriaRole.Dialog);
        if (!await dialog.IsVisibleAsync())
        {
            await page.ShowAsync("Login & security");
            await page.Button("Change password").ClickAsync();
        }

        await dialog.GetByLabel("Current password").FillAsync(current);
        await dialog.GetByLabel("New password").FillAsync(next);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Change password" }).ClickAsync();
        return dialog;
    }

    /// <summary>Refuses a route once, as if the login were older than <c>Accounts:FreshFor</c>.</summary>
    public static Task RefuseOnceAsync(this IPage page, string route) => page.RouteAsync(
        route,
        answer => answer.FulfillAsync(new()
        {
            Status = 403,
            ContentType = "application/problem+json",
            Body = """{"code":"reauthentication_required","status":403}""",
        }),
        new() { Times = 1 });

    /// <summary>Calls the private route by the client of the page, and asserts that the response is 200.</summary>
    public static async Task CallAsync(this IPage page) => Assert.Equal(200, await page.EvaluateAsync<int>(Call));

    /// <summary>Calls the private route by the client of the page after the session has ended.</summary>
    public static Task CallAfterEndAsync(this IPage page) => page.EvaluateAsync(Call);

    /// <summary>Waits for renewals that <see cref="KeepCallingAsync"/> counts, for four minutes at most.</summary>
    public static Task WaitForRenewalsAsync(this IPage page, int count) => page.EvaluateAsync(
        """
        count => new Promise(resolve => {
          const timer = setInterval(() => renewals < count || resolve(clearInterval(timer)), 100);
        })
        """,
        count).WaitAsync(TimeSpan.FromMinutes(4), TestContext.Current.CancellationToken);

    /// <summary>Calls the private route every second by the client of the page, and counts renewals.</summary>
    public static Task KeepCallingAsync(this IPage page) => page.EvaluateAsync(
        """
        async () => {
          const { client, server } = await import('./account/client.js');
          globalThis.renewals = 0;
          client.onChange((_, { type }) => { renewals += type === 'refresh' ? 1 : 0; });
          setInterval(() => client.fetch(new URL('me', server)).catch(() => {}), 1000);
        }
        """);

    /// <summary>Sends a request from the API reference, and asserts that the response is 200.</summary>
    /// <param name="page">The reference.</param>
    /// <param name="address">The address that the request should have, of the route for health.</param>
    public static async Task CallFromReferenceAsync(this IPage page, string address)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Health" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "The process runs." }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test Request (get /health/live)" }).ClickAsync();
        var response = await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Send Request") }).ClickAsync(), address);
        Assert.Equal(200, response.Status);
    }
}
