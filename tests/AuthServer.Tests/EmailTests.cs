using System.Net;
using AuthServer.Core;
using AuthServer.Mail;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Addresses of accounts: verified by a link, changed and removed.</summary>
public sealed class EmailTests : IAsyncLifetime
{
    private const string Confirm = "Confirm your email address";
    private const string NewDevice = "New login to your account";
    private const string Change = "Your email address is being changed";

    private readonly Mailbox mailbox = new();
    private readonly AuthServerApp app;

    public EmailTests() => app = mailbox.CreateApp();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Address_of_registration_is_login_name_once_its_link_is_used()
    {
        var http = app.CreateClient();
        await RegisterAsync(http, "ada", "Ada@Example.org");
        await (await LogInAsync(http, "ada@example.org")).ShouldBeProblemAsync(401, "invalid_credentials");

        var mail = await mailbox.NextAsync(Confirm);
        Assert.Equal("Ada@Example.org", mail.To.Mailboxes.Single().Address);
        var token = Mailbox.TokenOf(mail);
        var inspected = await (await http.PostAsync("/links/inspect", new { token })).ShouldBeJsonAsync();
        Assert.Equal("confirm_email", inspected.GetProperty("kind").GetString());
        Assert.Equal("ada", inspected.GetProperty("username").GetString());
        Assert.Equal("Ada@Example.org", inspected.GetProperty("email").GetString());
        Assert.Equal(
            app.Clock.GetUtcNow().AddHours(24), inspected.GetProperty("expiresAt").GetDateTimeOffset());

        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        await (await LogInAsync(http, "ada@example.org")).ShouldBePairAsync();
    }

    [Fact]
    public async Task Link_works_once_and_not_after_its_end()
    {
        var http = app.CreateClient();
        await RegisterAsync(http, "ada", "ada@example.org");
        var token = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        app.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        await ShouldBeVoidAsync(http, token);

        await RegisterAsync(http, "bob", "bob@example.org");
        token = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        app.Clock.Advance(TimeSpan.FromHours(24));
        await ShouldBeVoidAsync(http, token);
    }

    [Theory]
    [InlineData(null, "invalid_request")]
    [InlineData("", "link_invalid")]
    [InlineData("abc", "link_invalid")]
    [InlineData("ünïcode", "link_invalid")]
    public async Task Text_that_is_no_link_is_refused(string? token, string code)
    {
        var http = app.CreateClient();
        await (await http.PostAsync("/email/confirm", new { token })).ShouldBeProblemAsync(400, code);
        await (await http.PostAsync("/links/inspect", new { token })).ShouldBeProblemAsync(400, code);
    }

    [Fact]
    public async Task Change_ends_all_sessions_except_that_of_request()
    {
        var (ada, _) = await VerifiedAsync("ada");
        var phone = await app.LogInAsync("ada");
        await mailbox.NextAsync(NewDevice);
        (await ada.SendAsync(HttpMethod.Post, "/email", new { email = "lovelace@example.org" }))
            .ShouldBe(HttpStatusCode.Accepted);
        var (link, notice) = await mailbox.NextTwoAsync(Confirm, Change);
        Assert.Equal("lovelace@example.org", link.To.Mailboxes.Single().Address);
        Assert.Equal("ada@example.org", notice.To.Mailboxes.Single().Address);
        await phone.RefreshAsync();
        await (await LogInAsync(ada.Http, "ada@example.org")).ShouldBePairAsync();

        (await ada.Http.PostAsync("/email/confirm", new { token = Mailbox.TokenOf(link) })).ShouldBe(HttpStatusCode.NoContent);
        await ada.RefreshAsync();
        await (await phone.PresentAsync(phone.Pair.RefreshToken)).ShouldBeEndedAsync("revoked");
        await (await LogInAsync(ada.Http, "ada@example.org")).ShouldBeProblemAsync(401, "invalid_credentials");
        await (await LogInAsync(ada.Http, "lovelace@example.org")).ShouldBePairAsync();
    }

    [Fact]
    public async Task Address_that_another_account_has_verified_meanwhile_is_taken()
    {
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        await AskAsync(ada, "shared@example.org");
        var ofAda = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        await AskAsync(bob, "SHARED@example.org");
        var ofBob = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        (await ada.Http.PostAsync("/email/confirm", new { token = ofBob })).ShouldBe(HttpStatusCode.NoContent);
        await (await ada.Http.PostAsync("/email/confirm", new { token = ofAda })).ShouldBeProblemAsync(409, "email_taken");
    }

    [Fact]
    public async Task Change_of_credentials_makes_link_void()
    {
        var ada = await app.LogInAsync("ada");
        await AskAsync(ada, "ada@example.org");
        var token = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        (await ada.SendAsync(
            HttpMethod.Post, "/password", new { currentPassword = Password, newPassword = "analytical engine number two" }))
            .ShouldBe(HttpStatusCode.NoContent);
        await ShouldBeVoidAsync(ada.Http, token);
    }

    [Fact]
    public async Task Only_newest_link_of_account_counts()
    {
        var ada = await app.LogInAsync("ada");
        await AskAsync(ada, "ada@exampel.org");
        var mistyped = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await AskAsync(ada, "ada@example.org");
        var right = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        await ShouldBeVoidAsync(ada.Http, mistyped);
        (await ada.Http.PostAsync("/email/confirm", new { token = right })).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task End_of_session_that_asked_makes_link_void()
    {
        var (owner, thief) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        await AskAsync(thief, "thief@example.org");
        var token = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        (await owner.SendAsync(HttpMethod.Delete, $"/sessions/{thief.SessionId}")).ShouldBe(HttpStatusCode.NoContent);
        await ShouldBeVoidAsync(owner.Http, token);
    }

    [Fact]
    public async Task Mail_that_waits_is_not_sent_after_change_of_credentials()
    {
        var ada = await app.LogInAsync("ada");
        mailbox.Failures.Enqueue(new MailException("the mail server can't be reached"));
        await AskAsync(ada, "thief@example.org");
        await Eventually.BecomesAsync(() => app.InDatabaseAsync(db => db.Mails.AnyAsync(m => m.Problem != null)));
        (await ada.SendAsync(
            HttpMethod.Post, "/password", new { currentPassword = Password, newPassword = "analytical engine number two" }))
            .ShouldBe(HttpStatusCode.NoContent);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.BecomesAsync(async () =>
        {
            app.Get<MailSignal>().Set();
            return !await app.InDatabaseAsync(db => db.Mails.AnyAsync());
        });
        Assert.False(mailbox.HasMail);
    }

    [Fact]
    public async Task Removal_is_notified_and_ends_other_sessions()
    {
        var (ada, _) = await VerifiedAsync("ada");
        var phone = await app.LogInAsync("ada");
        await mailbox.NextAsync(NewDevice);
        (await ada.SendAsync(HttpMethod.Delete, "/email")).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal("ada@example.org", (await mailbox.NextAsync(Change)).To.Mailboxes.Single().Address);
        await ada.RefreshAsync();
        await (await phone.PresentAsync(phone.Pair.RefreshToken)).ShouldBeEndedAsync("revoked");
        await (await LogInAsync(ada.Http, "ada@example.org")).ShouldBeProblemAsync(401, "invalid_credentials");
        var row = await app.InDatabaseAsync(db => db.Users.SingleAsync(u => u.Username == "ada"));
        Assert.Equal((null, null), (row.Email, row.VerifiedEmail));
    }

    [Fact]
    public async Task Session_without_fresh_proof_changes_nothing()
    {
        var (ada, _) = await VerifiedAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        await (await ada.SendAsync(HttpMethod.Post, "/email", new { email = "thief@example.org" }))
            .ShouldBeProblemAsync(403, "reauthentication_required");
        await (await ada.SendAsync(HttpMethod.Delete, "/email")).ShouldBeProblemAsync(403, "reauthentication_required");
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Mails.CountAsync()));
    }

    [Fact]
    public async Task Fourth_link_within_hour_is_refused()
    {
        var ada = await app.LogInAsync("ada");
        for (var i = 0; i < 3; i++)
        {
            await AskAsync(ada, $"ada{i}@example.org");
            await mailbox.NextAsync(Confirm);
        }

        var refused = await ada.SendAsync(HttpMethod.Post, "/email", new { email = "ada4@example.org" });
        await refused.ShouldBeProblemAsync(429, "too_many_requests");
        Assert.Equal(TimeSpan.FromHours(1), refused.Headers.RetryAfter!.Delta);
        app.Clock.Advance(TimeSpan.FromHours(1));
        ada = await app.LogInAsync("ada");
        await AskAsync(ada, "ada4@example.org");
        await mailbox.NextAsync(Confirm);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("ada@example.org\r\nBcc: bob@example.org")]
    [InlineData("a@example.org, b@example.org")]
    public async Task Text_that_is_no_address_is_refused(string? email)
    {
        var ada = await app.LogInAsync("ada");
        await (await ada.SendAsync(HttpMethod.Post, "/email", new { email })).ShouldBeInvalidAsync("email");
    }

    [Fact]
    public async Task Changes_are_events()
    {
        var (ada, id) = await VerifiedAsync("ada");
        (await ada.SendAsync(HttpMethod.Delete, "/email")).ShouldBe(HttpStatusCode.NoContent);
        var details = await app.InDatabaseAsync(db => db.Events
            .Where(e => e.Kind == EventKind.EmailChanged && e.UserId == id).OrderBy(e => e.Id).Select(e => e.Detail)
            .ToListAsync());
        Assert.Equal(["verified", "removed"], details);
    }

    private static async Task RegisterAsync(HttpClient http, string username, string email) =>
        (await http.PostAsync("/register", new { username, password = Password, email })).ShouldBe(HttpStatusCode.Created);

    private static Task<HttpResponseMessage> LogInAsync(HttpClient http, string username) =>
        http.PostAsync("/login", new { username, password = Password });

    private static async Task AskAsync(LoggedInDevice device, string email) =>
        (await device.SendAsync(HttpMethod.Post, "/email", new { email })).ShouldBe(HttpStatusCode.Accepted);

    private static async Task ShouldBeVoidAsync(HttpClient http, string token)
    {
        await (await http.PostAsync("/links/inspect", new { token })).ShouldBeProblemAsync(400, "link_invalid");
        await (await http.PostAsync("/email/confirm", new { token })).ShouldBeProblemAsync(400, "link_invalid");
    }

    private async Task<(LoggedInDevice Device, Guid Id)> VerifiedAsync(string username)
    {
        var http = app.CreateClient();
        await RegisterAsync(http, username, $"{username}@example.org");
        var token = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        var id = await app.InDatabaseAsync(db => db.Users.Where(u => u.Username == username).Select(u => u.Id).SingleAsync());
        return (await app.LogInAsync(username), id);
    }
}
