using System.Net;
using AuthServer.Core;
using AuthServer.Mail;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>The deletion of an account by its user or by an operator.</summary>
public sealed class DeletionTests : IAsyncLifetime
{
    private const string Deleted = "Your account was deleted";

    private readonly Mailbox mailbox = new();
    private readonly TempFolder folder = new();
    private readonly AuthServerApp app;

    public DeletionTests() => app = mailbox.CreateApp(("Data:Directory", folder.Path), ("Sessions:MaxPerUser", "0"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Deleted_account_ends_at_once()
    {
        var (ada, phone) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        var browser = await SessionBrowser.LogInAsync(app);
        await DeleteAsync(ada);
        await (await ada.GetAsync("/me")).ShouldBeEndedAsync("deleted");
        await (await phone.GetAsync("/me")).ShouldBeEndedAsync("deleted");
        await (await browser.GetAsync("/me")).ShouldBeEndedAsync("deleted");
        await (await phone.PresentAsync(phone.Pair.RefreshToken)).ShouldBeEndedAsync("deleted");
        await (await ada.SendAsync(HttpMethod.Delete, "/me")).ShouldBeEndedAsync("deleted");
        await (await LogInAsync("ada")).ShouldBeProblemAsync(401, "invalid_credentials");
        (await phone.LogoutAsync()).ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal(
            1, await app.InDatabaseAsync(db => db.Events.CountAsync(e => e.Kind == EventKind.AccountDeleted, Ct)));
    }

    [Fact]
    public async Task Restarted_server_refuses_tokens_of_deleted_account()
    {
        var (ada, phone) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        var bob = await app.LogInAsync("bob");
        await DeleteAsync(ada);
        await app.DisposeAsync();
        await using var next = new AuthServerApp(("Data:Directory", folder.Path)) { Clock = app.Clock };
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        var http = next.CreateClient();
        (await new LoggedInDevice(http, bob.Pair).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        await next.SweepAsync();
        await (await new LoggedInDevice(http, phone.Pair).GetAsync("/me")).ShouldBeEndedAsync("deleted");
        await (await new LoggedInDevice(http, ada.Pair).PresentAsync(ada.Pair.RefreshToken)).ShouldBeEndedAsync("deleted");
        (await new LoggedInDevice(http, bob.Pair).GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Deletion_needs_fresh_proof()
    {
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        await (await ada.SendAsync(HttpMethod.Delete, "/me")).ShouldBeProblemAsync(403, "reauthentication_required");
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Caller_of_session_cookie_loses_it()
    {
        var ada = await SessionBrowser.LogInAsync(app);
        var foreign = await ada.SendAsync(HttpMethod.Delete, "/me", origin: "https://evil.example");
        await foreign.ShouldBeProblemAsync(403, "cross_site");
        (await ada.SendAsync(HttpMethod.Delete, "/me")).ShouldBe(HttpStatusCode.NoContent);
        Assert.Null(ada.Cookie);
    }

    [Fact]
    public async Task Name_stays_reserved_and_address_is_free()
    {
        await DeleteAsync(await VerifiedAsync("ada"));
        var http = app.CreateClient();
        var again = await http.PostAsync("/register", new { username = "Ada", password = Password });
        await again.ShouldBeProblemAsync(409, "username_taken");
        var email = "ada@example.org";
        (await http.PostAsync("/register", new { username = "grace", password = Password, email }))
            .ShouldBe(HttpStatusCode.Created);
        await mailbox.NextAsync(Deleted);
        var token = Mailbox.TokenOf(await mailbox.NextAsync("Confirm your email address"));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        await (await LogInAsync(email)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Reserved_names_lead_to_no_deleted_account()
    {
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        (await ada.SendAsync(HttpMethod.Patch, "/me", new { username = "grace" })).ShouldBe(HttpStatusCode.OK);
        (await bob.SendAsync(HttpMethod.Patch, "/me", new { username = "eve" })).ShouldBe(HttpStatusCode.OK);
        await DeleteAsync(ada);
        var names = await app.InDatabaseAsync(db => db.ReservedNames.OrderBy(r => r.Name).ToListAsync(Ct));
        Assert.Equal(
            [("ada", null, null), ("bob", bob.Claims.GetProperty("sub").GetGuid(), app.Clock.GetUtcNow()), ("grace", null, null)],
            names.Select(r => (r.Name, r.UserId, r.ReservedAt)));
        var taken = await bob.SendAsync(HttpMethod.Patch, "/me", new { username = "ada" });
        await taken.ShouldBeProblemAsync(409, "username_taken");
    }

    [Fact]
    public async Task Sweep_forgets_owner_that_node_of_version_before_has_left()
    {
        var ada = await app.LogInAsync("ada");
        await DeleteAsync(ada);
        var id = ada.Claims.GetProperty("sub").GetGuid();
        await app.InDatabaseAsync(db => db.ReservedNames.ExecuteUpdateAsync(
            set => set.SetProperty(r => r.UserId, id).SetProperty(r => r.ReservedAt, app.Clock.GetUtcNow()), Ct));
        app.Clock.Advance(DeletionStore.Retention + TimeSpan.FromSeconds(1));
        await app.SweepAsync();
        var left = await app.InDatabaseAsync(db => db.ReservedNames.SingleAsync(Ct));
        Assert.Equal(("ada", null, null), (left.Name, left.UserId, left.ReservedAt));
    }

    [Fact]
    public async Task Link_of_before_is_void()
    {
        var ada = await VerifiedAsync("ada");
        await ada.Http.PostAsync("/password/forgot", new { username = "ada" });
        var token = Mailbox.TokenOf(await mailbox.NextAsync("Set a new password"));
        await DeleteAsync(ada);
        await (await ada.Http.PostAsync("/links/inspect", new { token })).ShouldBeProblemAsync(400, "link_invalid");
        var reset = await ada.Http.PostAsync("/password/reset", new { token, newPassword = "analytical engine number two" });
        await reset.ShouldBeProblemAsync(400, "link_invalid");
    }

    [Fact]
    public async Task Notice_goes_to_verified_address_and_waiting_mails_are_not_sent()
    {
        var ada = await VerifiedAsync("ada", language: "ko");
        mailbox.Failures.Enqueue(new MailException("the mail server can't be reached"));
        await ada.Http.PostAsync("/password/forgot", new { username = "ada" });
        await Eventually.BecomesAsync(() => app.InDatabaseAsync(db => db.Mails.AnyAsync(m => m.Problem != null, Ct)));
        await DeleteAsync(ada);
        var notice = await mailbox.NextAsync("계정이 삭제되었습니다");
        Assert.Equal("ada@example.org", notice.To.Mailboxes.Single().Address);
        Assert.Contains("ada 계정이 삭제되었고", notice.TextBody, StringComparison.Ordinal);
        await Eventually.BecomesAsync(() => app.InDatabaseAsync(db => db.Mails.AllAsync(m => m.State != MailState.Waiting, Ct)));
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Mails.CountAsync(m => m.Kind == MailKind.ResetPassword, Ct)));
        app.Clock.Advance(TimeSpan.FromHours(1));
        Assert.False(mailbox.HasMail);
    }

    [Fact]
    public async Task Rows_say_nothing_about_owner_and_vanish_after_retention()
    {
        var ada = await app.LogInAsync("ada", "Ada's phone");
        await (await app.LogInAsync("ada", "Ada's laptop")).LogoutAsync();
        await app.InDatabaseAsync(db => OwnRows.AddAsync(db, Ct));
        await ada.SendAsync(HttpMethod.Patch, "/me", new { displayName = "Ada Lovelace" });
        await DeleteAsync(ada);
        var (user, sessions) = await app.InDatabaseAsync(
            async db => (await db.Users.SingleAsync(Ct), await db.Sessions.ToListAsync(Ct)));
        Assert.Equal(
            (UserRow.DeletedName, null, null, null, false, true),
            (user.Username, user.Email, user.VerifiedEmail, user.DisplayName, user.HasPassword, user.Disabled));
        Assert.Empty(user.Roles);
        Assert.Equal(2, sessions.Count);
        Assert.All(sessions, one => Assert.Equal((null, null, null), (one.DeviceName, one.IpAddress, one.UserAgent)));
        Assert.Equal(0, await CountOwnRowsAsync());

        app.Clock.Advance(DeletionStore.Retention);
        await app.SweepAsync();
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Users.CountAsync(Ct)));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeEndedAsync("deleted");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await app.SweepAsync();
        var left = await app.InDatabaseAsync(async db => (await db.Users.CountAsync(Ct), await db.Sessions.CountAsync(Ct)));
        Assert.Equal((0, 0), left);
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_invalid");
        var again = await ada.Http.PostAsync("/register", new { username = "ada", password = Password });
        await again.ShouldBeProblemAsync(409, "username_taken");
    }

    [Fact]
    public async Task Any_number_of_sessions_ends()
    {
        var ada = await app.LogInAsync("ada");
        await ManySessions.AddAsync(app, ada, (2 * WriteTransaction.MaxEnds) + 10);
        await DeleteAsync(ada);
        var left = await app.InDatabaseAsync(db => db.Sessions
            .CountAsync(s => s.EndReason != EndReason.Deleted || s.IpAddress != null || s.DeviceName != null, Ct));
        Assert.Equal(0, left);
    }

    [Fact]
    public async Task Identity_of_deleted_account_opens_another_account()
    {
        await using var issuer = await FakeIssuer.StartAsync(app.Clock);
        await using var other = new AuthServerApp(issuer.Settings()) { Clock = app.Clock };
        var browser = new ExternalBrowser(other, issuer);
        await browser.LogInAsync("?transport=session");
        var first = await browser.MeAsync();
        (await browser.SendAsync(HttpMethod.Delete, "/me")).ShouldBe(HttpStatusCode.NoContent);
        var phone = new ExternalBrowser(other, issuer);
        await phone.LogInAsync("?transport=session");
        var second = await phone.MeAsync();
        Assert.NotEqual(first.GetProperty("id").GetGuid(), second.GetProperty("id").GetGuid());
        Assert.NotEqual(first.GetProperty("username").GetString(), second.GetProperty("username").GetString());
    }

    [Fact]
    public async Task Operator_deletes_account_and_disabled_one_too()
    {
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        var (accounts, deletions) = (app.Get<AccountStore>(), app.Get<DeletionStore>());
        var account = (await accounts.FindAsync("ada", Ct))!;
        await accounts.SetDisabledAsync(account.Id, disabled: true, Ct);
        Assert.Equal(AccountResult.Changed, await deletions.DeleteAsync(account.Id, sessionId: null, ClientInfo.CommandLine, Ct));
        Assert.Equal(AccountResult.Void, await deletions.DeleteAsync(account.Id, sessionId: null, ClientInfo.CommandLine, Ct));
        Assert.Equal(AccountResult.Void, await accounts.SetDisabledAsync(account.Id, disabled: false, Ct));
        Assert.Null(await accounts.FindAsync("ada", Ct));
        Assert.Null(await accounts.FindAsync($":{account.Id}", Ct));
        Assert.Equal(["bob"], await accounts.ListAsync(Ct).Select(user => user.Username).ToListAsync(Ct));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeEndedAsync("disabled");
        await bob.RefreshAsync();
    }

    private static async Task DeleteAsync(LoggedInDevice device) =>
        (await device.SendAsync(HttpMethod.Delete, "/me")).ShouldBe(HttpStatusCode.NoContent);

    private Task<HttpResponseMessage> LogInAsync(string username) =>
        app.CreateClient().PostAsync("/login", new { username, password = Password });

    private Task<int> CountOwnRowsAsync() => app.InDatabaseAsync(async db =>
        await db.ExternalIdentities.CountAsync(Ct) + await db.Passkeys.CountAsync(Ct)
        + await db.Totps.CountAsync(Ct) + await db.RecoveryCodes.CountAsync(Ct));

    private async Task<LoggedInDevice> VerifiedAsync(string username, string? language = null)
    {
        var http = app.CreateClient();
        if (language is not null)
        {
            http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        }

        await http.PostAsync("/register", new { username, password = Password, email = $"{username}@example.org" });
        var subject = language is null ? "Confirm your email address" : "이메일 주소를 인증해 주세요";
        var token = Mailbox.TokenOf(await mailbox.NextAsync(subject));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        return await app.LogInAsync(username);
    }
}
