using System.Text.Json;
using AuthServer.Credentials;
using AuthServer.Mail;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MimeKit;
using static AuthServer.Tests.Support.ExternalBrowser;

namespace AuthServer.Tests;

/// <summary>The name of the brand outside the account page: in mails, apps and on devices, and in the reference.</summary>
public sealed class BrandNameTests
{
    private const string Name = "Smith \"& Söhne\", <b>: 회사";
    private const string Address = "ada@example.com";
    private const string Confirm = "Confirm your email address";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mail_has_name_and_support_as_text()
    {
        var mail = await ConfirmationAsync(
            ("Branding:Name", Name), ("Branding:Support", "mailto:help@example.com?subject=\"a\"&b"));
        var sender = Assert.Single(mail.From.Mailboxes);
        Assert.Equal((Name, "authserver@localhost"), (sender.Name, sender.Address));
        Assert.Contains($"for the {Name} account ada", mail.TextBody, StringComparison.Ordinal);
        Assert.EndsWith($"\n\n{Name} · help@example.com\n", mail.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        var html = mail.HtmlBody!;
        Assert.Contains("<p class=\"brand\">Smith &quot;&amp; S", html, StringComparison.Ordinal);
        Assert.Contains(
            "<a href=\"mailto:help@example.com?subject=&quot;a&quot;&amp;b\">help@example.com</a>",
            html,
            StringComparison.Ordinal);
        Assert.DoesNotMatch("<b>|<img|<script|url\\(|\\{\\{", html);
    }

    [Fact]
    public async Task Mail_without_settings_has_our_name_and_no_support()
    {
        var mail = await ConfirmationAsync();
        Assert.Equal("AuthServer", Assert.Single(mail.From.Mailboxes).Name);
        Assert.Contains("<p class=\"brand\">AuthServer</p>", mail.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"foot\"", mail.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain("·", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sender_of_settings_keeps_its_name()
    {
        var mail = await ConfirmationAsync(("Branding:Name", Name), ("Mail:From", "Post <no-reply@example.com>"));
        Assert.Equal("Post", Assert.Single(mail.From.Mailboxes).Name);
    }

    [Theory]
    [InlineData("Branding:Name", "Acme\r\nBcc: eve@example.com")]
    [InlineData("Branding:Support", "https://example.com/\r\nBcc: eve@example.com")]
    public void Setting_with_line_break_stops_start(string key, string value) =>
        FailedStart.Of<OptionsValidationException>(() => new AuthServerApp((key, value)));

    [Theory]
    [InlineData("en", "A security method was added to your account", "Acme Works account")]
    [InlineData("ko", "로그인 및 인증 수단이 추가되었습니다", "Acme Works 계정")]
    public async Task Notice_names_provider_as_its_button_does(string language, string subject, string words)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
        await using var issuer = await FakeIssuer.StartAsync(clock);
        var mailbox = new Mailbox();
        await using var app = new AuthServerApp(
            services => services.AddSingleton<IMailTransport>(mailbox), issuer.Settings(more: ("Name", "Acme Works")))
        {
            Clock = clock,
        };
        var ada = await app.LogInAsync("ada");
        await app.InDatabaseAsync(db => db.Users.ExecuteUpdateAsync(
            set => set.SetProperty(user => user.VerifiedEmail, Address).SetProperty(user => user.Email, Address)
                .SetProperty(user => user.Locale, language),
            Ct));
        var browser = new ExternalBrowser(app, issuer);
        Assert.Null(ErrorOf(await browser.EndAsync(issuer.Authorize(await browser.BeginLinkAsync(ada)))));
        var mail = await mailbox.FindAsync(subject);
        Assert.Contains($": {words}\n", mail.TextBody!.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Acme", "otpauth://totp/Acme:ada?", "&issuer=Acme", "Acme")]
    [InlineData("A&B: <c>", "otpauth://totp/A%26B%20%20%3Cc%3E:ada?", "&issuer=A%26B%20%20%3Cc%3E", "A&B: <c>")]
    [InlineData("AuthServer", "otpauth://totp/localhost:ada?", "&issuer=localhost", "localhost")]
    public async Task Apps_and_devices_list_name_or_else_host(string name, string begin, string end, string party)
    {
        await using var app = new AuthServerApp(("Branding:Name", name));
        var ada = await app.LogInAsync("ada");
        var begun = await (await ada.SendAsync(HttpMethod.Post, "/second-factors/totp")).ShouldBeJsonAsync();
        var uri = begun.GetProperty("uri").GetString();
        Assert.StartsWith(begin, uri, StringComparison.Ordinal);
        Assert.EndsWith(end, uri, StringComparison.Ordinal);
        var server = (await ada.PasskeyOptionsAsync()).Options.GetProperty("rp");
        Assert.Equal(party, server.GetProperty("name").GetString());
        Assert.Equal("localhost", server.GetProperty("id").GetString());
    }

    [Fact]
    public void Longest_names_fit_in_qr_code()
    {
        var longest = new string('회', 64);
        Assert.StartsWith(
            "<svg ", TotpCodes.QrOf(TotpCodes.UriOf(TotpCodes.NewSecret(), longest, longest)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reference_has_name_in_page_and_document()
    {
        await using var app = new AuthServerApp(("Branding:Name", Name));
        using var http = app.CreateClient();
        Assert.Contains(
            "<title>Smith &quot;&amp; Söhne&quot;, &lt;b&gt;: 회사</title>", await http.GetStringAsync("/docs", Ct),
            StringComparison.Ordinal);
        using var document = JsonDocument.Parse(await http.GetStringAsync("/openapi/v1.json", Ct));
        Assert.Equal(Name, document.RootElement.GetProperty("info").GetProperty("title").GetString());
    }

    private static async Task<MimeMessage> ConfirmationAsync(params (string, string)[] settings)
    {
        var mailbox = new Mailbox();
        await using var app = mailbox.CreateApp(settings);
        await app.CreateClient().PostAsync(
            "/register", new { username = "ada", password = AuthServerApp.Password, email = Address });
        return await mailbox.NextAsync(Confirm);
    }
}
