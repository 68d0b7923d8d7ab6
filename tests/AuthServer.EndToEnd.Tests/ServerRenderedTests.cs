using System.Net;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>The server-rendered samples, as a browser without scripts uses them.</summary>
public sealed class ServerRenderedTests(SampleSite site) : IClassFixture<SampleSite>
{
    public static TheoryData<string> Samples => [.. SampleApplication.Names];

    // Browsers take a backslash for a slash, and drop tabs.
    public static MatrixTheoryData<string, string> ForeignAddresses => new(
        SampleApplication.Names,
        ["//evil.example", @"/\evil.example", "https://evil.example", "/\t/evil.example", @"\\evil.example", "evil"]);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Login_leads_to_page_that_was_asked_for(string sample)
    {
        var username = $"asks-{sample}";
        await site.Server.RegisterAsync(username);
        using var browser = new FormBrowser((await site.GetAsync(sample)).Address);
        await browser.OpenAsync("/devices?page=1");
        browser.ShouldBeLoggedOut();
        await browser.SubmitAsync("Log in", [("username", username), ("password", "wrong")]);
        Assert.Contains("User name or password is wrong.", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(FormBrowser.SessionCookie, browser.Cookies.Keys);

        await browser.SubmitAsync("Log in", [("username", username), ("password", HttpAssertions.Password)]);
        Assert.Equal("/devices?page=1", browser.Page.PathAndQuery);
        Assert.Contains("(this device)", browser.Html, StringComparison.Ordinal);
        Assert.Contains("__Host-device", browser.Cookies.Keys);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Login_ends_session_that_browser_had(string sample)
    {
        var username = $"again-{sample}";
        using var browser = await site.LogInAsync(sample, username);
        var first = await DeviceOfAsync(username);
        await browser.LogInAsync(username, path: "/login?returnUrl=/devices&returnTo=/devices");
        Assert.DoesNotContain($"{first.Id}", browser.Html, StringComparison.Ordinal);
        Assert.Contains("(this device)", browser.Html, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Page_shows_name_as_text_and_is_not_cached(string sample)
    {
        var user = new { username = $"named-{sample}", HttpAssertions.Password, displayName = "<b>Ada</b> & 'co' \"김\"" };
        await (await site.Server.PostAsync("/register", user)).ShouldBeAsync(HttpStatusCode.Created);
        using var browser = new FormBrowser((await site.GetAsync(sample)).Address);
        await browser.LogInAsync(user.username);
        Assert.Contains($"Hello, {user.displayName}", WebUtility.HtmlDecode(browser.Html), StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", browser.Html, StringComparison.Ordinal);
        Assert.True(browser.Answer.Headers.CacheControl?.NoStore);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Device_has_address_and_user_agent_of_its_browser(string sample)
    {
        var username = $"listed-{sample}";
        await site.Server.RegisterAsync(username);
        using var browser = new FormBrowser((await site.GetAsync(sample)).Address)
        {
            Address = "203.0.113.9",
            UserAgent = "Käfer/7 (of ada)",
        };
        await browser.LogInAsync(username);
        var device = await DeviceOfAsync(username);
        Assert.Equal(("203.0.113.9", "Käfer/7 (of ada)"), (device.Address, device.UserAgent));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Logout_ends_session_at_once(string sample)
    {
        using var browser = await site.LogInAsync(sample, $"leaves-{sample}");
        using var copy = new FormBrowser((await site.GetAsync(sample)).Address) { Cookies = new(browser.Cookies) };
        await copy.OpenAsync("/");
        Assert.Contains("Hello, ", copy.Html, StringComparison.Ordinal);

        await browser.SubmitAsync("Log out");
        browser.ShouldBeLoggedOut();
        Assert.DoesNotContain(FormBrowser.SessionCookie, browser.Cookies.Keys);
        await copy.OpenAsync("/");
        copy.ShouldBeLoggedOut();
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Logout_leaves_account_page_on_same_host_logged_in(string sample)
    {
        var username = $"both-{sample}";
        using var browser = await site.LogInAsync(sample, username);
        var account = await site.Server.LogInAsync(username);
        browser.Cookies["__Host-refresh"] = account.RefreshToken;
        await browser.SubmitAsync("Log out");
        browser.ShouldBeLoggedOut();
        Assert.Equal(account.RefreshToken, browser.Cookies["__Host-refresh"]);
        await site.Server.RefreshAsync(account.RefreshToken);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Device_is_logged_out_from_list(string sample)
    {
        var username = $"two-{sample}";
        using var browser = await site.LogInAsync(sample, username);
        using var stolen = new FormBrowser((await site.GetAsync(sample)).Address) { UserAgent = "Stolen/1" };
        await stolen.LogInAsync(username);
        await browser.OpenAsync("/devices");
        await browser.SubmitAsync("Log this device out", after: "Stolen/1");
        Assert.DoesNotContain("Stolen/1", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Browser/1.0", browser.Html, StringComparison.Ordinal);
        await stolen.OpenAsync("/");
        stolen.ShouldBeLoggedOut();
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Session_that_ended_elsewhere_leads_to_login_page(string sample)
    {
        var username = $"ended-{sample}";
        using var browser = await site.LogInAsync(sample, username);
        await browser.OpenAsync("/devices");
        await site.Server.LogOutEverywhereAsync(username);
        await browser.SubmitAsync("Log this device out");
        browser.ShouldBeLoggedOut();
        await browser.OpenAsync("/devices");
        browser.ShouldBeLoggedOut();
        await browser.LogInAsync(username, path: "/devices");
        Assert.Equal("/devices", browser.Page.PathAndQuery);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Form_of_other_site_changes_nothing(string sample)
    {
        var (username, attacker) = ($"attacked-{sample}", $"attacker-{sample}");
        await site.Server.RegisterAsync(attacker);
        using var browser = await site.LogInAsync(sample, username);
        var cookie = browser.Cookies[FormBrowser.SessionCookie];
        var device = await DeviceOfAsync(username);
        (string, string)[] fields =
            [("id", $"{device.Id}"), ("username", attacker), ("password", HttpAssertions.Password)];
        foreach (var origin in new[] { "https://evil.example", "null", null })
        {
            foreach (var path in new[] { "/", "/logout", "/devices", "/login" })
            {
                await browser.SubmitForeignAsync(path, fields, origin);
                Assert.True((int)browser.Answer.StatusCode is 400 or 403 or 404, $"{path}: {browser.Answer.StatusCode}");
                Assert.Contains("That did not work", browser.Html, StringComparison.Ordinal);
            }
        }

        Assert.Equal(cookie, browser.Cookies[FormBrowser.SessionCookie]);
        await browser.OpenAsync("/");
        Assert.Contains($"Hello, {username}", browser.Html, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ForeignAddresses))]
    public async Task Login_leads_to_no_other_site(string sample, string address)
    {
        var target = Uri.EscapeDataString(address);
        var username = $"lured-{sample}-{target.Replace('%', '-')}";
        await site.Server.RegisterAsync(username);
        using var browser = new FormBrowser((await site.GetAsync(sample)).Address);
        await browser.LogInAsync(username, path: $"/login?returnUrl={target}&returnTo={target}");
        Assert.Equal("/", browser.Page.PathAndQuery);
        Assert.Contains($"Hello, {username}", browser.Html, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Server_that_is_away_is_reported_and_logs_no_user_out(string sample)
    {
        await using var lonely = await SampleApplication.StartAsync(sample, new($"http://localhost:{LoopbackPort.Free()}"));
        using var browser = new FormBrowser(lonely.Address) { Cookies = { [FormBrowser.SessionCookie] = "handle" } };
        await browser.OpenAsync("/");
        ShouldBeUnavailable();
        await browser.OpenAsync("/login");
        await browser.SubmitAsync("Log in", [("username", "ada"), ("password", HttpAssertions.Password)]);
        ShouldBeUnavailable();
        Assert.Equal("handle", browser.Cookies[FormBrowser.SessionCookie]);

        void ShouldBeUnavailable()
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, browser.Answer.StatusCode);
            Assert.Contains("The login service is not available. Try again later.", browser.Html, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Log_has_no_cookie_and_no_password(string sample)
    {
        using var browser = await site.LogInAsync(sample, $"logged-{sample}");
        await browser.OpenAsync("/devices");
        await browser.SubmitAsync("Log this device out");
        var log = string.Join('\n', (await site.GetAsync(sample)).Output);
        Assert.All(
            [HttpAssertions.Password, .. browser.Cookies.Values],
            secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));
    }

    // The device of the only session by cookie of a user, as the server lists it to another session.
    private async Task<(Guid Id, string? Address, string? UserAgent)> DeviceOfAsync(string username)
    {
        var pair = await site.Server.LogInAsync(username);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sessions");
        request.Headers.Authorization = new("Bearer", pair.AccessToken);
        var answer = await (await site.Server.SendAsync(request, Ct)).ShouldBeAsync(HttpStatusCode.OK);
        var device = Assert.Single(
            JsonDocument.Parse(answer).RootElement.GetProperty("sessions").EnumerateArray(),
            session => !session.GetProperty("current").GetBoolean());
        return (device.GetProperty("id").GetGuid(), device.GetProperty("ipAddress").GetString(),
            device.GetProperty("userAgent").GetString());
    }
}
