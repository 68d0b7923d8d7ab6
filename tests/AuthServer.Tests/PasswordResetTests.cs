using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Forgotten passwords, set anew by the link of a mail.</summary>
public sealed class PasswordResetTests : IAsyncLifetime
{
    private const string Confirm = "Confirm your email address";
    private const string Reset = "Set a new password";
    private const string Changed = "Your password was changed";
    private const string NewPassword = "analytical engine number two";

    private readonly Mailbox mailbox = new();
    private readonly AuthServerApp app;

    public PasswordResetTests() => app = mailbox.CreateApp();

    public async ValueTask InitializeAsync() => await AddVerifiedAsync("ada");

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Theory]
    [InlineData("ada")]
    [InlineData(" ADA ")]
    [InlineData("ada@EXAMPLE.org")]
    public async Task Link_sets_password_and_ends_every_session(string username)
    {
        var phone = await app.LogInAsync("ada");
        var token = await ForgetAsync(username);
        (await ResetAsync(token)).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal("ada@example.org", (await mailbox.NextAsync(Changed)).To.Mailboxes.Single().Address);
        await (await phone.PresentAsync(phone.Pair.RefreshToken)).ShouldBeEndedAsync("password_changed");
        await (await LogInAsync(Password)).ShouldBeProblemAsync(401, "invalid_credentials");
        await (await LogInAsync(NewPassword)).ShouldBePairAsync();
        await (await ResetAsync(token)).ShouldBeProblemAsync(400, "link_invalid");
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.PasswordReset)));
    }

    [Fact]
    public async Task Answer_does_not_depend_on_account()
    {
        await app.CreateClient().PostAsync("/register", new { username = "bob", password = Password });
        foreach (var username in (string[])["bob", "carol", "carol@example.org", "", new('x', 5000), "\0", "ada"])
        {
            var answer = await app.CreateClient().PostAsync("/password/forgot", new { username });
            answer.ShouldBe(HttpStatusCode.Accepted);
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }

        // The mails before it were looked up first, and had no account with a verified address.
        await mailbox.NextAsync(Reset);
        Assert.False(mailbox.HasMail);
        await Eventually.BecomesAsync(() => app.InDatabaseAsync(db => db.Mails.AllAsync(m => m.State == MailState.Sent)));
    }

    [Fact]
    public async Task Link_is_over_after_thirty_minutes()
    {
        var token = await ForgetAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromMilliseconds(1));
        (await app.CreateClient().PostAsync("/links/inspect", new { token })).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await (await ResetAsync(token)).ShouldBeProblemAsync(400, "link_invalid");
    }

    [Fact]
    public async Task Password_that_breaks_rule_leaves_link_usable()
    {
        var token = await ForgetAsync("ada");
        await (await ResetAsync(token, "short")).ShouldBeInvalidAsync("newPassword");
        await (await ResetAsync(token, "ada@example.org1")).ShouldBeInvalidAsync("newPassword");
        (await ResetAsync(token)).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Link_of_another_kind_sets_no_password()
    {
        var http = app.CreateClient();
        await http.PostAsync("/register", new { username = "bob", password = Password, email = "bob@example.org" });
        var confirm = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        await (await ResetAsync(confirm)).ShouldBeProblemAsync(400, "link_invalid");
        var reset = await ForgetAsync("ada");
        await (await http.PostAsync("/email/confirm", new { token = reset })).ShouldBeProblemAsync(400, "link_invalid");
    }

    [Fact]
    public async Task Disabled_account_gets_no_link_and_its_link_is_void()
    {
        var token = await ForgetAsync("ada");
        var id = await app.InDatabaseAsync(db => db.Users.Select(u => u.Id).SingleAsync());
        await app.Get<AccountStore>().SetDisabledAsync(id, disabled: true, TestContext.Current.CancellationToken);
        await (await ResetAsync(token)).ShouldBeProblemAsync(400, "link_invalid");
        await app.CreateClient().PostAsync("/password/forgot", new { username = "ada" });
        await Eventually.BecomesAsync(() => app.InDatabaseAsync(db => db.Mails.AllAsync(m => m.State == MailState.Sent)));
        Assert.False(mailbox.HasMail);
        await app.Get<AccountStore>().SetDisabledAsync(id, disabled: false, TestContext.Current.CancellationToken);
        await (await ResetAsync(token)).ShouldBeProblemAsync(400, "link_invalid");
    }

    [Fact]
    public async Task Account_gets_three_links_within_hour()
    {
        for (var i = 0; i < 3; i++)
        {
            await ForgetAsync("ada");
        }

        await app.CreateClient().PostAsync("/password/forgot", new { username = "ada" });
        await Eventually.BecomesAsync(() => app.InDatabaseAsync(db => db.Mails.AllAsync(m => m.State == MailState.Sent)));
        Assert.False(mailbox.HasMail);
        app.Clock.Advance(TimeSpan.FromHours(1));
        await ForgetAsync("ada");
    }

    [Fact]
    public async Task Failed_logins_do_not_block_reset()
    {
        await using var strict = mailbox.CreateApp(("RateLimits:Enabled", "true"), ("RateLimits:AccountFailures", "1"));
        var http = strict.CreateClient();
        await http.PostAsync("/register", new { username = "eve", password = Password, email = "eve@example.org" });
        var confirm = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        (await http.PostAsync("/email/confirm", new { token = confirm })).ShouldBe(HttpStatusCode.NoContent);
        HttpResponseMessage answer;
        do
        {
            answer = await http.PostAsync("/login", new { username = "eve", password = "wrong" });
        }
        while (answer.StatusCode == HttpStatusCode.Unauthorized);

        answer.ShouldBe(HttpStatusCode.TooManyRequests);
        (await http.PostAsync("/password/forgot", new { username = "eve" })).ShouldBe(HttpStatusCode.Accepted);
        var token = Mailbox.TokenOf(await mailbox.NextAsync(Reset));
        (await http.PostAsync("/password/reset", new { token, newPassword = NewPassword })).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Changed_password_is_notified()
    {
        var ada = await app.LogInAsync("ada");
        (await ada.SendAsync(HttpMethod.Post, "/password", new { currentPassword = Password, newPassword = NewPassword }))
            .ShouldBe(HttpStatusCode.NoContent);
        var notice = await mailbox.NextAsync(Changed);
        Assert.DoesNotContain("#link=", notice.TextBody, StringComparison.Ordinal);
    }

    private async Task<string> ForgetAsync(string username)
    {
        (await app.CreateClient().PostAsync("/password/forgot", new { username })).ShouldBe(HttpStatusCode.Accepted);
        var mail = await mailbox.NextAsync(Reset);
        Assert.Equal("ada@example.org", mail.To.Mailboxes.Single().Address);
        return Mailbox.TokenOf(mail);
    }

    private Task<HttpResponseMessage> ResetAsync(string token, string newPassword = NewPassword) =>
        app.CreateClient().PostAsync("/password/reset", new { token, newPassword });

    private Task<HttpResponseMessage> LogInAsync(string password) =>
        app.CreateClient().PostAsync("/login", new { username = "ada", password });

    private async Task AddVerifiedAsync(string username)
    {
        var http = app.CreateClient();
        var email = $"{username}@example.org";
        (await http.PostAsync("/register", new { username, password = Password, email })).ShouldBe(HttpStatusCode.Created);
        var token = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
    }
}
