using System.Net.Http.Json;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;
using Microsoft.Playwright;
using MimeKit;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Links of mails in a browser, from the outbox to the end.</summary>
public sealed partial class MailTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private const string NewPassword = "analytical engine number two";

    private readonly DataFolder data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Theory]
    [InlineData("en", "Confirm this address", "Log in", "Forgot your password?", "Send the link", "Set a new password")]
    [InlineData("ko", "이메일 인증", "로그인", "비밀번호를 잊으셨나요?", "링크 보내기", "새 비밀번호 설정")]
    public async Task Address_is_confirmed_and_forgotten_password_set(
        string language, string confirm, string logIn, string forgot, string send, string set)
    {
        var port = LoopbackPort.Free();
        await using var server = await ServerProcess.StartAsync(
            data, $"urls=http://127.0.0.1:{port}", $"Tokens:Issuer=http://localhost:{port}");
        using var registration = new HttpRequestMessage(HttpMethod.Post, "/register")
        {
            Headers = { AcceptLanguage = { new(language) } },
            Content = JsonContent.Create(
                new { username = "ada", password = HttpAssertions.Password, email = "ada@example.com" }),
        };
        (await server.Http.SendAsync(registration, Ct)).EnsureSuccessStatusCode();
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!, options => options.Locale = language);

        // A program that checks mails opens the link and changes nothing.
        var page = await device.OpenBlankAsync();
        var link = await LinkAsync(1);
        await page.GotoAsync(link);
        await Expect(page.Locator("#link-form")).ToContainTextAsync("ada@example.com");
        Assert.DoesNotContain("link=", page.Url, StringComparison.Ordinal);
        await page.CloseAsync();
        page = await device.OpenBlankAsync();
        await page.GotoAsync(link);
        await page.Button(confirm).ClickAsync();
        await Expect(page.Locator("#link-form")).ToBeHiddenAsync();

        await page.Button(forgot).First.ClickAsync();
        await page.Locator("#mail-form input").FillAsync("ada@example.com");
        await page.Button(send).ClickAsync();
        await Expect(page.Locator("#sent")).ToBeVisibleAsync();

        // In the same tab, which has the page already.
        await page.GotoAsync(await LinkAsync(2));
        await page.Locator("#link-form input[type=password]").FillAsync(NewPassword);
        await page.Button(set).ClickAsync();
        await Expect(page.Locator("#link-form")).ToBeHiddenAsync();
        await page.Locator("#login-form input[name=username]").FillAsync("ada@example.com");
        await page.Locator("#login-form input[name=password]").FillAsync(NewPassword);
        await page.Locator("#login-form").GetByRole(AriaRole.Button, new() { Name = logIn, Exact = true }).ClickAsync();
        await Expect(page.Locator("#account")).ToBeVisibleAsync();

        // Used up.
        await page.GotoAsync(link);
        await Expect(page.Locator("#notice")).ToContainTextAsync(language == "ko" ? "링크" : "link");
        device.ShouldHaveNoErrors(400);
    }

    [Fact]
    public async Task Link_is_kept_until_server_has_answered()
    {
        var port = LoopbackPort.Free();
        await using var server = await ServerProcess.StartAsync(
            data, $"urls=http://127.0.0.1:{port}", $"Tokens:Issuer=http://localhost:{port}");
        await server.Http.PostAsJsonAsync(
            "/register", new { username = "ada", password = HttpAssertions.Password, email = "ada@example.com" }, Ct);
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.OpenBlankAsync();
        await page.RouteAsync("**/links/inspect", route => route.FulfillAsync(new() { Status = 502 }));
        await page.GotoAsync(await LinkAsync(1));
        await page.Button("Try again").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The server cannot be reached.");
        Assert.Contains("#link=", page.Url, StringComparison.Ordinal);
        await page.UnrouteAsync("**/links/inspect");
        await page.Button("Try again").ClickAsync();
        await page.Button("Confirm this address").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your address is confirmed");
        Assert.DoesNotContain("link=", page.Url, StringComparison.Ordinal);
        device.ShouldHaveNoErrors(502);
    }

    // The link of the newest mail, once there are so many.
    private async Task<string> LinkAsync(int count)
    {
        var outbox = Path.Combine(data.Data, "outbox");
        await Eventually.BecomesAsync(() => Directory.Exists(outbox) && Directory.GetFiles(outbox, "*.eml").Length == count);
        var newest = await MimeMessage.LoadAsync(Directory.GetFiles(outbox, "*.eml").OrderBy(Path.GetFileName).Last(), Ct);
        return Link().Match(newest.TextBody!).Value;
    }

    [GeneratedRegex("http://localhost[^ ]*#link=[A-Za-z0-9_-]+")]
    private static partial Regex Link();
}
