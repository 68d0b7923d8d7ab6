using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using MimeKit;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Mails with links as a mail server receives them. Each link is followed in a browser to its end.</summary>
public sealed partial class MailServerTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private const string NewPassword = "analytical engine number two";
    private const string Address = "ada@example.com";

    private static readonly Dictionary<string, Words> Languages = new()
    {
        ["en"] = new(
            new("Confirm your email address", "Confirm this address"),
            new("Set a new password", "Set a new password"),
            new("Your login link", "Log in"),
            "Your password was changed"),
        ["ko"] = new(
            new("이메일 주소를 인증해 주세요", "이메일 인증"),
            new("새 비밀번호 설정", "새 비밀번호 설정"),
            new("로그인 링크", "로그인"),
            "비밀번호가 변경되었습니다"),
    };

    private readonly DataFolder data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Theory]
    [InlineData("en")]
    [InlineData("ko")]
    public async Task Links_of_received_mails_do_what_mails_say(string language)
    {
        var words = Languages[language];
        var port = LoopbackPort.Free();
        await using var mail = new MailServer(data.Root);
        var command = mail.CommandOf(data);
        string[] settings =
            [$"urls=http://127.0.0.1:{port}", $"Tokens:Issuer=http://localhost:{port}", "Accounts:LoginByMail=true"];
        await using var server = await ServerProcess.StartAsync(
            command with { Settings = [.. command.Settings, .. settings] });
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!, options => options.Locale = language);

        await RegisterAsync(server.Http, language);
        var page = await FollowAsync(device, mail, words.Confirm);
        await Expect(page.Locator("#link-form")).ToBeHiddenAsync();

        // The address counts as a name from here on.
        await AskAsync(server.Http, "/password/forgot");
        page = await FollowAsync(
            device, mail, words.Reset, form => form.Locator("input[type=password]").FillAsync(NewPassword));
        await Expect(page.Locator("#link-form")).ToBeHiddenAsync();
        Assert.DoesNotContain("#link=", (await mail.ReceiveAsync(words.Changed)).TextBody!, StringComparison.Ordinal);
        var login = await server.Http.PostAsync("/login", new { username = Address, password = NewPassword });
        await login.ShouldBePairAsync();

        await AskAsync(server.Http, "/login/link");
        page = await FollowAsync(device, mail, words.LogIn);
        await Expect(page.Locator("#account")).ToBeVisibleAsync();
        await page.ShouldBeLoggedInAsync("ada");
        device.ShouldHaveNoErrors();
    }

    // Opens the link of a mail in a new tab, and presses the button there.
    private static async Task<IPage> FollowAsync(
        BrowserDevice device, MailServer mail, LinkWords words, Func<ILocator, Task>? fillAsync = null)
    {
        var link = LinkOf(await mail.ReceiveAsync(words.Subject), words.Button);
        var page = await device.OpenBlankAsync();
        await page.GotoAsync(link);
        var form = page.Locator("#link-form");
        await Expect(form).ToContainTextAsync("ada");
        await (fillAsync?.Invoke(form) ?? Task.CompletedTask);
        await form.GetByRole(AriaRole.Button, new() { Name = words.Button, Exact = true }).ClickAsync();
        return page;
    }

    // The link, which is the same as text and as the button of HTML.
    private static string LinkOf(MimeMessage message, string button)
    {
        Assert.Equal(Address, message.To.Mailboxes.Single().Address);
        Assert.Equal("no-reply@example.com", message.From.Mailboxes.Single().Address);
        Assert.Equal("auto-generated", message.Headers["Auto-Submitted"]);
        var link = Link().Match(message.TextBody!).Value;
        Assert.Contains($"href=\"{link}\">{WebUtility.HtmlEncode(button)}</a>", message.HtmlBody!, StringComparison.Ordinal);
        return link;
    }

    private static async Task RegisterAsync(HttpClient http, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/register")
        {
            Headers = { AcceptLanguage = { new(language) } },
            Content = JsonContent.Create(new { username = "ada", password = HttpAssertions.Password, email = Address }),
        };
        await (await http.SendAsync(request, Ct)).ShouldBeAsync(HttpStatusCode.Created);
    }

    private static async Task AskAsync(HttpClient http, string path) =>
        await (await http.PostAsync(path, new { username = Address })).ShouldBeAsync(HttpStatusCode.Accepted);

    [GeneratedRegex("http://localhost[^ ]*#link=[A-Za-z0-9_-]+")]
    private static partial Regex Link();

    private sealed record LinkWords(string Subject, string Button);

    private sealed record Words(LinkWords Confirm, LinkWords Reset, LinkWords LogIn, string Changed);
}
