using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using static AuthServer.Tests.Support.ExternalBrowser;

namespace AuthServer.Tests;

/// <summary>Identities at other providers that are linked to accounts, and the ways to take an account over by them.</summary>
public sealed class LinkedIdentityTests : IAsyncLifetime
{
    private const string Address = "ada@example.com";

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private FakeIssuer issuer = null!;
    private AuthServerApp app = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        issuer = await FakeIssuer.StartAsync(clock);
        issuer.User["email"] = Address;
        issuer.User["email_verified"] = true;
        app = new AuthServerApp([.. issuer.Settings(more: ("TrustEmail", "true")), .. issuer.Settings("other")])
        {
            Clock = clock,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Identity_is_linked_after_fresh_login_and_opens_sessions_then()
    {
        var ada = await app.LogInAsync("ada");
        var browser = new ExternalBrowser(app, issuer);
        Assert.Null(ErrorOf(await LinkAsync(browser, ada)));
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        var linked = (await ListAsync(ada)).GetProperty("externalLogins")[0];
        Assert.Equal("fake", linked.GetProperty("provider").GetString());
        Assert.Equal(Address, linked.GetProperty("name").GetString());
        var phone = new ExternalBrowser(app, issuer);
        await phone.LogInAsync("?transport=session");
        Assert.Equal("ada", (await phone.MeAsync()).GetProperty("username").GetString());
        Assert.Contains(
            await app.InDatabaseAsync(db => db.Events.Select(e => e.Kind).ToListAsync(Ct)),
            kind => kind == EventKind.ExternalLoginLinked);
    }

    [Fact]
    public async Task Link_and_unlink_end_other_sessions_and_are_mails()
    {
        var ada = await app.LogInAsync("ada");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(user => user.VerifiedEmail, Address).SetProperty(user => user.Email, Address), Ct));
        var phone = await app.LogInAsync("ada");
        await LinkAsync(new ExternalBrowser(app, issuer), ada);
        await (await phone.GetAsync("/me")).ShouldBeEndedAsync("revoked");

        phone = await app.LogInAsync("ada");
        var id = (await ListAsync(ada)).GetProperty("externalLogins")[0].GetProperty("id").GetGuid();
        (await ada.SendAsync(HttpMethod.Delete, $"/external-logins/{id}")).ShouldBe(HttpStatusCode.NoContent);
        await (await phone.GetAsync("/me")).ShouldBeEndedAsync("revoked");
        var mails = await app.InDatabaseAsync(db => db.Mails.OrderBy(m => m.CreatedAt).Select(m => m.Kind).ToListAsync(Ct));
        Assert.Contains(MailKind.FactorAdded, mails);
        Assert.Contains(MailKind.FactorRemoved, mails);
    }

    [Fact]
    public async Task Link_and_unlink_need_fresh_proof()
    {
        var ada = await app.LogInAsync("ada");
        await LinkAsync(new ExternalBrowser(app, issuer), ada);
        var id = (await ListAsync(ada)).GetProperty("externalLogins")[0].GetProperty("id").GetGuid();
        clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await ada.RefreshAsync();
        var browser = new ExternalBrowser(app, issuer);
        var link = await browser.SendAsync(HttpMethod.Post, "/external-logins/other", ada.Pair.AccessToken);
        await link.ShouldBeProblemAsync(403, "reauthentication_required");
        var unlink = await ada.SendAsync(HttpMethod.Delete, $"/external-logins/{id}");
        await unlink.ShouldBeProblemAsync(403, "reauthentication_required");
    }

    [Fact]
    public async Task Foreign_page_begins_no_link()
    {
        var ada = await app.LogInAsync("ada");
        (await ada.SendAsync(HttpMethod.Post, "/external-logins/fake")).ShouldBe(HttpStatusCode.Forbidden);
        (await ada.SendAsync(HttpMethod.Post, "/external-logins/none")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Link_of_attacker_is_refused_in_browser_of_victim()
    {
        var mallory = await app.LogInAsync("mallory");
        var location = await new ExternalBrowser(app, issuer).BeginLinkAsync(mallory);

        // The victim follows the link, and agrees at the provider.
        var victim = new ExternalBrowser(app, issuer);
        Assert.Equal("invalid_request", ErrorOf(await victim.EndAsync(issuer.Authorize(location)))?.Error);
        Assert.Equal(0, await app.InDatabaseAsync(db => db.ExternalIdentities.CountAsync(Ct)));
    }

    [Fact]
    public async Task Identity_of_one_account_is_not_linked_to_another()
    {
        await LinkAsync(new ExternalBrowser(app, issuer), await app.LogInAsync("ada"));
        var end = await LinkAsync(new ExternalBrowser(app, issuer), await app.LogInAsync("mallory"));
        Assert.Equal(("access_denied", "identity_in_use"), ErrorOf(end));
    }

    [Theory]
    [InlineData("/password")]
    [InlineData("/logout")]
    public async Task Link_is_void_after_change_of_password_and_after_logout(string path)
    {
        var ada = await app.LogInAsync("ada");
        var browser = new ExternalBrowser(app, issuer);
        var callback = issuer.Authorize(await browser.BeginLinkAsync(ada));
        await ada.SendAsync(HttpMethod.Post, path, SessionBrowser.ProofFor(path));
        Assert.Equal("invalid_request", ErrorOf(await browser.EndAsync(callback))?.Error);
        Assert.Equal(0, await app.InDatabaseAsync(db => db.ExternalIdentities.CountAsync(Ct)));
    }

    [Fact]
    public async Task Unlinked_identity_opens_no_session_and_others_end()
    {
        var ada = await app.LogInAsync("ada");
        await LinkAsync(new ExternalBrowser(app, issuer), ada);
        var phone = new ExternalBrowser(app, issuer);
        await phone.LogInAsync("?transport=session");
        var id = (await ListAsync(ada)).GetProperty("externalLogins")[0].GetProperty("id").GetGuid();
        (await ada.SendAsync(HttpMethod.Delete, $"/external-logins/{id}")).ShouldBe(HttpStatusCode.NoContent);
        await (await phone.GetAsync("/me")).ShouldBeEndedAsync("revoked");
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        (await ada.SendAsync(HttpMethod.Delete, $"/external-logins/{id}")).ShouldBe(HttpStatusCode.NotFound);

        // The provider knows the same user still, who is a stranger here.
        var again = new ExternalBrowser(app, issuer);
        await again.LogInAsync("?transport=session");
        Assert.NotEqual("ada", (await again.MeAsync()).GetProperty("username").GetString());
    }

    [Fact]
    public async Task Identity_at_removed_provider_is_no_way_to_log_in()
    {
        // By a verified address a password could be set.
        issuer.User["email_verified"] = false;
        var browser = new ExternalBrowser(app, issuer);
        await browser.LogInAsync("?transport=session");
        var list = await (await browser.GetAsync("/external-logins")).ShouldBeJsonAsync();
        var id = list.GetProperty("externalLogins")[0].GetProperty("id").GetGuid();
        await app.InDatabaseAsync(async db =>
        {
            var row = await db.ExternalIdentities.SingleAsync(Ct);
            db.Add(new ExternalIdentityRow
            {
                Id = Guid.NewGuid(),
                Provider = "removed",
                Subject = "1",
                UserId = row.UserId,
                CreatedAt = row.CreatedAt,
            });
            return await db.SaveChangesAsync(Ct);
        });
        var refused = await browser.SendAsync(HttpMethod.Delete, $"/external-logins/{id}");
        await refused.ShouldBeProblemAsync(409, "last_credential");
    }

    [Fact]
    public async Task Last_credential_stays()
    {
        // By a verified address a password could be set.
        issuer.User["email_verified"] = false;
        var browser = new ExternalBrowser(app, issuer);
        await browser.LogInAsync("?transport=session");
        var list = await (await browser.GetAsync("/external-logins")).ShouldBeJsonAsync();
        var id = list.GetProperty("externalLogins")[0].GetProperty("id").GetGuid();
        var refused = await browser.SendAsync(HttpMethod.Delete, $"/external-logins/{id}");
        await refused.ShouldBeProblemAsync(409, "last_credential");
        Assert.Null(ErrorOf(await browser.LogInAsync("?transport=session")));
    }

    [Fact]
    public async Task Identity_of_another_user_is_not_unlinked()
    {
        var ada = await app.LogInAsync("ada");
        await LinkAsync(new ExternalBrowser(app, issuer), ada);
        var id = (await ListAsync(ada)).GetProperty("externalLogins")[0].GetProperty("id").GetGuid();
        var mallory = await app.LogInAsync("mallory");
        (await mallory.SendAsync(HttpMethod.Delete, $"/external-logins/{id}")).ShouldBe(HttpStatusCode.NotFound);
        Assert.Equal(1, await app.InDatabaseAsync(db => db.ExternalIdentities.CountAsync(Ct)));
    }

    [Fact]
    public async Task Link_and_unlink_make_copies_of_session_cookie_void()
    {
        var browser = new ExternalBrowser(app, issuer);
        await browser.LogInAsync("?transport=session");
        await ShouldReplaceCookieAsync(browser, async () =>
        {
            issuer.User["sub"] = "another identity";
            var begun = await (await browser.SendAsync(HttpMethod.Post, "/external-logins/other")).ShouldBeJsonAsync();
            Assert.Null(ErrorOf(await browser.EndAsync(issuer.Authorize(new Uri(begun.GetProperty("location").GetString()!)))));
        });
        await ShouldReplaceCookieAsync(browser, async () =>
        {
            var list = await (await browser.GetAsync("/external-logins")).ShouldBeJsonAsync();
            var id = list.GetProperty("externalLogins")[0].GetProperty("id").GetGuid();
            (await browser.SendAsync(HttpMethod.Delete, $"/external-logins/{id}")).ShouldBe(HttpStatusCode.NoContent);
        });
    }

    private async Task ShouldReplaceCookieAsync(ExternalBrowser browser, Func<Task> changeAsync)
    {
        var copy = new SessionBrowser(app) { Cookie = browser.CookieOf(SessionBrowser.CookieName) };
        await copy.MeAsync();
        await changeAsync();
        await (await copy.GetAsync("/me")).ShouldBeProblemAsync(401, "session_invalid");
        await browser.MeAsync();
    }

    private static async Task<System.Text.Json.JsonElement> ListAsync(LoggedInDevice device) =>
        await (await device.GetAsync("/external-logins")).ShouldBeJsonAsync();

    private async Task<Uri> LinkAsync(ExternalBrowser browser, LoggedInDevice device) =>
        await browser.EndAsync(issuer.Authorize(await browser.BeginLinkAsync(device)));
}
