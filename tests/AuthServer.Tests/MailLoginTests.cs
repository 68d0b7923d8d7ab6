using System.Net;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Logins by the link of a mail, accounts that have to have a verified address, and notices of new devices.</summary>
public sealed class MailLoginTests
{
    private const string Confirm = "Confirm your email address";
    private const string LogIn = "Your login link";
    private const string NewDevice = "New login to your account";

    private readonly Mailbox mailbox = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Link_opens_one_session()
    {
        await using var app = mailbox.CreateApp(("Accounts:LoginByMail", "true"));
        var token = await AskAsync(app);
        var http = app.CreateClient();
        var inspected = await (await http.PostAsync("/links/inspect", new { token })).ShouldBeJsonAsync();
        Assert.Equal("log_in", inspected.GetProperty("kind").GetString());
        var pair = await (await http.PostAsync("/login/link/confirm", new { token, deviceName = "Phone" })).ShouldBePairAsync();
        var device = new LoggedInDevice(http, pair);
        Assert.Equal("[\"mail\"]", device.Claims.GetProperty("amr").GetRawText());
        Assert.Equal("Phone", (await app.RowOfAsync(device)).DeviceName);
        await (await http.PostAsync("/login/link/confirm", new { token })).ShouldBeProblemAsync(400, "link_invalid");
        await (await http.PostAsync("/links/inspect", new { token })).ShouldBeProblemAsync(400, "link_invalid");
    }

    [Fact]
    public async Task Concurrent_uses_of_link_open_one_session()
    {
        await using var app = mailbox.CreateApp(("Accounts:LoginByMail", "true"));
        var token = await AskAsync(app);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => app.CreateClient().PostAsync("/login/link/confirm", new { token })));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
    }

    [Fact]
    public async Task Link_is_over_after_fifteen_minutes_and_after_change_of_credentials()
    {
        await using var app = mailbox.CreateApp(("Accounts:LoginByMail", "true"));
        var token = await AskAsync(app);
        app.Clock.Advance(TimeSpan.FromMinutes(15));
        var http = app.CreateClient();
        await (await http.PostAsync("/login/link/confirm", new { token })).ShouldBeProblemAsync(400, "link_invalid");

        (await http.PostAsync("/login/link", new { username = "ada" })).ShouldBe(HttpStatusCode.Accepted);
        token = Mailbox.TokenOf(await mailbox.NextAsync(LogIn));
        var ada = await app.LogInAsync("ada");
        (await ada.SendAsync(
            HttpMethod.Post, "/password", new { currentPassword = Password, newPassword = "analytical engine number two" }))
            .ShouldBe(HttpStatusCode.NoContent);
        await (await http.PostAsync("/login/link/confirm", new { token })).ShouldBeProblemAsync(400, "link_invalid");
    }

    [Fact]
    public async Task Link_answers_by_transport_and_replaces_session_of_browser()
    {
        await using var app = mailbox.CreateApp(("Accounts:LoginByMail", "true"));
        var token = await AskAsync(app);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login/link/confirm?transport=cookie")
        {
            Content = HttpAssertions.Json(new { token }),
        };
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/login/link/confirm?transport=cookie")
        {
            Content = HttpAssertions.Json(new { token }),
            Headers = { { "Origin", "https://evil.example" } },
        };
        await (await app.CreateClient().SendAsync(foreign, Ct)).ShouldBeProblemAsync(403, "cross_site");
        request.Headers.Add("Origin", "http://localhost");
        var replaced = await app.LogInAsync("ada");
        request.Headers.Add("Cookie", $"__Host-refresh={replaced.Pair.RefreshToken}");
        var answer = await app.CreateClient().SendAsync(request, Ct);
        answer.ShouldBe(HttpStatusCode.OK);
        await (await replaced.PresentAsync(replaced.Pair.RefreshToken)).ShouldBeEndedAsync("replaced");
        Assert.Contains(
            answer.Headers.GetValues("Set-Cookie"),
            cookie => cookie.StartsWith("__Host-refresh=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Routes_are_there_only_if_switched_on()
    {
        await using var app = mailbox.CreateApp();
        var http = app.CreateClient();
        await (await http.PostAsync("/login/link", new { username = "ada" })).ShouldBeProblemAsync(404, "not_found");
        await (await http.PostAsync("/login/link/confirm", new { token = "a" })).ShouldBeProblemAsync(404, "not_found");
    }

    [Fact]
    public async Task Account_without_verified_address_gets_link_again_and_no_session()
    {
        await using var app = mailbox.CreateApp(("Accounts:RequireVerifiedEmail", "true"));
        var http = app.CreateClient();
        await (await http.PostAsync("/register", new { username = "bob", password = Password })).ShouldBeInvalidAsync("email");
        await RegisterAsync(app, "ada");
        await mailbox.NextAsync(Confirm);
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        await (await LogInAsync(http, "wrong")).ShouldBeProblemAsync(401, "invalid_credentials");
        await (await LogInAsync(http)).ShouldBeProblemAsync(403, "email_unverified");
        var token = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        await (await LogInAsync(http)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Refused_logins_send_three_links_within_hour()
    {
        await using var app = mailbox.CreateApp(("Accounts:RequireVerifiedEmail", "true"));
        await RegisterAsync(app, "ada");
        foreach (var (minutes, mails) in new[] { (0, 1), (1, 1), (1, 2), (2, 3), (2, 3), (2, 3) })
        {
            app.Clock.Advance(TimeSpan.FromMinutes(minutes));
            await (await LogInAsync(app.CreateClient())).ShouldBeProblemAsync(403, "email_unverified");
            Assert.Equal(mails, await app.InDatabaseAsync(db => db.Mails.CountAsync(Ct)));
        }
    }

    [Fact]
    public async Task Login_on_new_device_is_notified()
    {
        await using var app = mailbox.CreateApp();
        await VerifyAsync(app, "ada");

        // The first login of all is no news.
        await (await LogInAsync(app.CreateClient())).ShouldBePairAsync();
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Mails.CountAsync(Ct)));

        var phone = app.CreateClient();
        phone.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "Mozilla/5.0 (https://evil.example/win)");
        var login = await LogInAsync(phone);
        var notice = await mailbox.NextAsync(NewDevice);
        Assert.Contains("Mozilla 5 0 https evil example win", notice.TextBody!, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example", notice.HtmlBody!, StringComparison.Ordinal);

        // The device token that the login gave makes it known.
        phone.DefaultRequestHeaders.Add("X-Device-Token", login.Headers.GetValues("X-Device-Token").Single());
        await (await LogInAsync(phone)).ShouldBePairAsync();
        Assert.Equal(2, await app.InDatabaseAsync(db => db.Mails.CountAsync(Ct)));
    }

    [Fact]
    public async Task Program_without_device_token_hides_no_other_device()
    {
        await using var app = mailbox.CreateApp();
        await VerifyAsync(app, "ada");
        var script = app.CreateClient();
        for (var i = 0; i < 30; i++)
        {
            await (await LogInAsync(script)).ShouldBePairAsync();
        }

        await mailbox.NextAsync(NewDevice);
        var phone = app.CreateClient();
        phone.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "Phone");
        await (await LogInAsync(phone)).ShouldBePairAsync();
        Assert.Contains("Phone", (await mailbox.NextAsync(NewDevice)).TextBody!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_after_all_sessions_are_gone_is_notified()
    {
        await using var app = mailbox.CreateApp();
        await VerifyAsync(app, "ada");
        app.Clock.Advance(TimeSpan.FromDays(30));
        await (await LogInAsync(app.CreateClient())).ShouldBePairAsync();
        await mailbox.NextAsync(NewDevice);
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient http, string password = Password) =>
        http.PostAsync("/login", new { username = "ada", password });

    private static async Task RegisterAsync(AuthServerApp app, string username) => (await app.CreateClient().PostAsync(
        "/register", new { username, password = Password, email = $"{username}@example.org" })).ShouldBe(HttpStatusCode.Created);

    private async Task VerifyAsync(AuthServerApp app, string username)
    {
        await RegisterAsync(app, username);
        var token = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        (await app.CreateClient().PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
    }

    private async Task<string> AskAsync(AuthServerApp app)
    {
        await VerifyAsync(app, "ada");
        var asked = await app.CreateClient().PostAsync("/login/link", new { username = "ada@example.org" });
        asked.ShouldBe(HttpStatusCode.Accepted);
        return Mailbox.TokenOf(await mailbox.NextAsync(LogIn));
    }
}
