using System.Net;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using static AuthServer.Tests.Support.Authenticator;
using static AuthServer.Tests.Support.AuthServerApp;

namespace AuthServer.Tests;

/// <summary>Second factors after links of mails and other providers, their mails, and codes of mails.</summary>
public sealed class SecondFactorChannelTests
{
    private const string Confirm = "Confirm your email address";
    private const string Added = "A security method was added to your account";
    private const string Removed = "A security method was removed from your account";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Thief_with_mailbox_gets_no_session_and_link_stays_until_code_is_right()
    {
        var mailbox = new Mailbox();
        await using var app = mailbox.CreateApp(("Accounts:LoginByMail", "true"));
        var (ada, authenticator) = await ProtectedAsync(app, mailbox);
        var http = app.CreateClient();
        (await http.PostAsync("/login/link", new { username = "ada" })).ShouldBe(HttpStatusCode.Accepted);
        var token = Mailbox.TokenOf(await mailbox.NextAsync("Your login link"));
        var first = await http.PostAsync("/login/link/confirm", new { token, deviceName = "Phone" });
        var challenge = (await first.ShouldBeProblemAsync(401, "second_factor_required")).GetProperty("challenge").GetString()!;
        await (await CompleteAsync(http, challenge, "000000")).ShouldBeProblemAsync(401, "second_factor_invalid");
        await (await http.PostAsync("/login/link/confirm", new { token })).ShouldBeProblemAsync(401, "second_factor_required");

        var pair = await (await CompleteAsync(http, challenge, authenticator.NextCode())).ShouldBePairAsync();
        var phone = new LoggedInDevice(http, pair);
        Assert.Equal("[\"mail\",\"otp\",\"mfa\"]", phone.Claims.GetProperty("amr").GetRawText());
        Assert.Equal("Phone", (await app.RowOfAsync(phone)).DeviceName);
        await (await http.PostAsync("/login/link/confirm", new { token })).ShouldBeProblemAsync(400, "link_invalid");

        // A new password leaves the factor as it is.
        (await http.PostAsync("/password/forgot", new { username = "ada" })).ShouldBe(HttpStatusCode.Accepted);
        var reset = await NextLinkAsync(mailbox, "Set a new password");
        (await http.PostAsync("/password/reset", new { token = reset, newPassword = "analytical engine number two" }))
            .ShouldBe(HttpStatusCode.NoContent);
        var login = await http.PostAsync("/login", new { username = "ada", password = "analytical engine number two" });
        await login.ShouldBeProblemAsync(401, "second_factor_required");
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeEndedAsync("password_changed");
    }

    [Fact]
    public async Task Each_change_is_mail_and_event()
    {
        var mailbox = new Mailbox();
        await using var app = mailbox.CreateApp();
        var (ada, _) = await ProtectedAsync(app, mailbox);
        await (await ada.SendAsync(HttpMethod.Post, "/second-factors/recovery-codes")).ShouldBeJsonAsync();
        Assert.Contains("recovery codes", (await mailbox.NextAsync(Added)).TextBody, StringComparison.Ordinal);
        await (await ada.SendAsync(HttpMethod.Patch, "/second-factors", new { required = false })).ShouldBeJsonAsync();
        Assert.Contains("two-step login", (await mailbox.NextAsync(Removed)).TextBody, StringComparison.Ordinal);
        (await ada.SendAsync(HttpMethod.Delete, "/second-factors/totp")).ShouldBe(HttpStatusCode.NoContent);
        Assert.Contains("authenticator app", (await mailbox.NextAsync(Removed)).TextBody, StringComparison.Ordinal);
        var events = await app.InDatabaseAsync(db => db.Events
            .Where(e => e.Kind >= EventKind.SecondFactorAdded).OrderBy(e => e.Id).Select(e => e.Detail).ToListAsync(Ct));
        Assert.Equal(["totp", "recovery_codes", "off", "totp"], events);
    }

    [Theory]
    [InlineData("", "cookie")]
    [InlineData("?transport=session", "session")]
    public async Task Login_by_provider_goes_on_at_login_page(string query, string transport)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using var issuer = await FakeIssuer.StartAsync(clock);
        await using var app = Start(issuer, clock);
        var authenticator = await ProtectAsync(app, issuer);
        var browser = new ExternalBrowser(app, issuer);
        var page = await browser.LogInAsync(query);
        Assert.Equal("/", page.AbsolutePath);
        Assert.Equal($"{ExternalBrowser.Origin}/", QueryHelpers.ParseQuery(page.Query)["return_to"]);
        var fragment = QueryHelpers.ParseQuery(page.Fragment.TrimStart('#'));
        Assert.Equal(("totp,recovery_code", transport), ($"{fragment["methods"]}", $"{fragment["transport"]}"));
        var pair = await (await CompleteAsync(app.CreateClient(), fragment["challenge"]!, authenticator.NextCode()))
            .ShouldBePairAsync();
        var claims = new LoggedInDevice(app.CreateClient(), pair).Claims;
        Assert.Equal("[\"ext\",\"otp\",\"mfa\"]", claims.GetProperty("amr").GetRawText());
    }

    [Theory]
    [InlineData("true", true, true)]
    [InlineData("true", false, false)]
    [InlineData("false", true, false)]
    public async Task Factors_of_provider_count_if_it_is_trusted(string trusts, bool says, bool opens)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using var issuer = await FakeIssuer.StartAsync(clock);
        await using var app = Start(issuer, clock, ("ExternalLogins:Providers:fake:TrustMfa", trusts));
        await ProtectAsync(app, issuer);
        issuer.OnToken = token => token["amr"] = says ? new[] { "pwd", "mfa" } : ["pwd"];
        var page = await new ExternalBrowser(app, issuer).LogInAsync();
        Assert.Equal(opens, page.Fragment.Length == 0);
    }

    [Theory]
    [InlineData(true, "[\"mail_code\"]")]
    [InlineData(false, "[]")]
    public async Task Code_of_mail_is_offered_only_with_verified_address(bool isVerified, string methods)
    {
        var mailbox = new Mailbox();
        await using var app = mailbox.CreateApp();
        var ada = await VerifiedAsync(app, mailbox);
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(u => u.PasswordHash, UserRow.NoPassword)
                .SetProperty(u => u.VerifiedEmail, u => isVerified ? u.VerifiedEmail : null),
            Ct));

        var options = await (await ada.SendAsync(HttpMethod.Post, "/reauthenticate/options")).ShouldBeJsonAsync();
        Assert.Equal(methods, options.GetProperty("methods").GetRawText());
        var sent = await ada.SendAsync(HttpMethod.Post, "/reauthenticate/mail");
        Assert.Equal(isVerified, sent.StatusCode == HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Account_without_password_proves_itself_by_code_of_mail()
    {
        var mailbox = new Mailbox();
        await using var app = mailbox.CreateApp();
        var ada = await VerifiedAsync(app, mailbox);
        await (await ada.SendAsync(HttpMethod.Post, "/reauthenticate/mail")).ShouldBeInvalidAsync("mailCode");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(u => u.PasswordHash, UserRow.NoPassword), Ct));

        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await ada.RefreshAsync();
        (await ada.SendAsync(HttpMethod.Post, "/reauthenticate/mail")).ShouldBe(HttpStatusCode.Accepted);
        var mailCode = Mailbox.CodeOf(await mailbox.NextAsync("Your confirmation code"));
        await (await ReauthenticateAsync(ada, "00000000")).ShouldBeProblemAsync(401, "invalid_credentials");
        (await ReauthenticateAsync(ada, mailCode)).ShouldBe(HttpStatusCode.NoContent);
        await (await ReauthenticateAsync(ada, mailCode)).ShouldBeProblemAsync(401, "invalid_credentials");
        await ada.RefreshAsync();
        Assert.Equal("[\"mail\"]", ada.Claims.GetProperty("amr").GetRawText());
        await (await ada.SendAsync(HttpMethod.Post, "/second-factors/totp")).ShouldBeJsonAsync();
    }

    [Fact]
    public async Task Code_of_mail_has_five_tries_ten_minutes_and_one_session()
    {
        var mailbox = new Mailbox();
        await using var app = mailbox.CreateApp();
        var ada = await VerifiedAsync(app, mailbox);
        var thief = await app.LogInAsync("ada");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(u => u.PasswordHash, UserRow.NoPassword), Ct));
        (await ada.SendAsync(HttpMethod.Post, "/reauthenticate/mail")).ShouldBe(HttpStatusCode.Accepted);
        var code = Mailbox.CodeOf(await mailbox.FindAsync("Your confirmation code"));

        // A failure that is just being written may count twice, so that a guess is refused too early.
        for (var guess = 0; guess < 10; guess++)
        {
            await (await ReauthenticateAsync(ada, "00000000")).ShouldBeProblemAsync(401, "invalid_credentials");
        }

        await (await ReauthenticateAsync(ada, code)).ShouldBeProblemAsync(401, "invalid_credentials");

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await ada.SendAsync(HttpMethod.Post, "/reauthenticate/mail")).ShouldBe(HttpStatusCode.Accepted);
        code = Mailbox.CodeOf(await mailbox.FindAsync("Your confirmation code"));
        await (await ReauthenticateAsync(thief, code)).ShouldBeProblemAsync(401, "invalid_credentials");
        (await ReauthenticateAsync(ada, code)).ShouldBe(HttpStatusCode.NoContent);

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await ada.SendAsync(HttpMethod.Post, "/reauthenticate/mail")).ShouldBe(HttpStatusCode.Accepted);
        code = Mailbox.CodeOf(await mailbox.FindAsync("Your confirmation code"));
        app.Clock.Advance(MailCode.Lifetime);
        await ada.RefreshAsync();
        await (await ReauthenticateAsync(ada, code)).ShouldBeProblemAsync(401, "invalid_credentials");
    }

    private static AuthServerApp Start(
        FakeIssuer issuer, FakeTimeProvider clock, params (string Key, string Value)[] settings) =>
        new([.. issuer.Settings(), .. settings]) { Clock = clock };

    private static async Task<Authenticator> ProtectAsync(AuthServerApp app, FakeIssuer issuer)
    {
        var browser = new ExternalBrowser(app, issuer);
        await browser.LogInAsync();
        var http = app.CreateClient();
        var token = await browser.RefreshAsync();
        var begun = await (await http.SendAsync(HttpMethod.Post, "/second-factors/totp", $"Bearer {token}")).ShouldBeJsonAsync();
        var authenticator = new Authenticator(app, begun.GetProperty("secret").GetString()!);
        var confirmed = await http.SendAsync(
            HttpMethod.Post,
            "/second-factors/totp/confirm",
            $"Bearer {token}",
            HttpAssertions.Json(new { code = authenticator.Code() }));
        await confirmed.ShouldBeJsonAsync();
        return authenticator;
    }

    private static async Task<(LoggedInDevice Ada, Authenticator Authenticator)> ProtectedAsync(
        AuthServerApp app, Mailbox mailbox)
    {
        var ada = await VerifiedAsync(app, mailbox);
        var authenticator = await SetUpAsync(app, ada);
        Assert.Contains("authenticator app", (await mailbox.NextAsync(Added)).TextBody, StringComparison.Ordinal);
        return (ada, authenticator);
    }

    private static async Task<LoggedInDevice> VerifiedAsync(AuthServerApp app, Mailbox mailbox)
    {
        var http = app.CreateClient();
        (await http.PostAsync("/register", new { username = "ada", password = Password, email = "ada@example.com" }))
            .ShouldBe(HttpStatusCode.Created);
        var token = Mailbox.TokenOf(await mailbox.NextAsync(Confirm));
        (await http.PostAsync("/email/confirm", new { token })).ShouldBe(HttpStatusCode.NoContent);
        return await app.LogInAsync("ada");
    }

    private static async Task<string> NextLinkAsync(Mailbox mailbox, string subject)
    {
        // The login on the phone was on a new device.
        var (_, mail) = await mailbox.NextTwoAsync("New login to your account", subject);
        return Mailbox.TokenOf(mail);
    }

    private static Task<HttpResponseMessage> ReauthenticateAsync(LoggedInDevice device, string mailCode) =>
        device.SendAsync(HttpMethod.Post, "/reauthenticate", new { mailCode });
}
