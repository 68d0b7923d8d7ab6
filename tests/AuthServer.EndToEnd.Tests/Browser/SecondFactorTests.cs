using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Playwright;
using OtpNet;
using static Microsoft.Playwright.Assertions;

namespace AuthServer.EndToEnd.Tests.Browser;

/// <summary>Logins with a second factor at the account page.</summary>
public sealed class SecondFactorTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private readonly DataFolder data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Theory]
    [InlineData("en", "is wrong")]
    [InlineData("ko", "코드가 틀렸거나")]
    public async Task Login_asks_for_code_and_goes_on(string language, string wrong)
    {
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        var codes = await SetUpAsync(server.Http, (await server.Http.LogInAsync("ada")).AccessToken);
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!, options => options.Locale = language);
        var page = await device.OpenBlankAsync();
        await page.GotoAsync($"{server.Http.BaseAddress}");
        await page.Locator("#login-form input[name=username]").FillAsync("ada");
        await page.Locator("#login-form input[name=password]").FillAsync(HttpAssertions.Password);
        await page.Locator("#login-form input[name=password]").PressAsync("Enter");

        // Six digits are sent at once.
        var code = page.Locator("#factor-form input");
        await code.FillAsync("000 000");
        await Expect(page.Locator("#factor-form .problem")).ToContainTextAsync(wrong);
        await Expect(page.Locator("#account")).ToBeHiddenAsync();
        await page.Locator("#factor-other").ClickAsync();
        await code.FillAsync(codes[0].ToLowerInvariant());
        await code.PressAsync("Enter");
        await Expect(page.Locator("#account")).ToBeVisibleAsync();
        await Expect(page.Locator("#factor-form")).ToBeHiddenAsync();

        // A change of the password needs a code too.
        await page.GotoAsync($"{server.Http.BaseAddress}#password");
        await page.Locator("dialog [name=currentPassword]").FillAsync(HttpAssertions.Password);
        await page.Locator("dialog [name=newPassword]").FillAsync("analytical engine number two");
        await page.Locator("dialog [name=code]").FillAsync(codes[1]);
        await page.Locator("dialog [name=code]").PressAsync("Enter");
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await Expect(page.Locator("#notice[data-kind=good]")).ToBeVisibleAsync();
        device.ShouldHaveNoErrors(401);
    }

    [Fact]
    public async Task Challenge_of_login_by_provider_is_asked_for_and_leaves_address()
    {
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        var codes = await SetUpAsync(server.Http, (await server.Http.LogInAsync("ada")).AccessToken);
        var login = await server.Http.PostAsJsonAsync("/login", new { username = "ada", password = HttpAssertions.Password }, Ct);
        var challenge = (await login.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("challenge").GetString();
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.OpenBlankAsync();
        await page.GotoAsync($"{server.Http.BaseAddress}#challenge={challenge}&methods=totp,recovery_code&transport=cookie");
        await page.Locator("#factor-other").ClickAsync();
        await page.Locator("#factor-form input").FillAsync(codes[0]);
        Assert.DoesNotContain("challenge", page.Url, StringComparison.Ordinal);
        await page.Locator("#factor-form input").PressAsync("Enter");
        await Expect(page.Locator("#account")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Recovery_codes_of_login_by_provider_name_account()
    {
        await using var server = await ServerProcess.StartAsync(data);
        await using var device = await chromium.NewDeviceAsync(server.Http.BaseAddress!);
        var page = await device.OpenBlankAsync();
        const string Uri = "otpauth://totp/localhost:ada%20l?secret=ABCD";
        const string Code = "<svg xmlns='http://www.w3.org/2000/svg'/>";
        await AnswerAsync(page, "**/totp", $$"""{"secret":"ABCD","uri":"{{Uri}}","qr":"{{Code}}"}""");
        await AnswerAsync(page, "**/totp/confirm", """{"recoveryCodes":["first"]}""");
        await page.GotoAsync($"{server.Http.BaseAddress}#setup=challenge&transport=cookie");
        await page.Locator("dialog [name=code]").FillAsync("123456");
        var download = await page.RunAndWaitForDownloadAsync(() => page.Button("Save as a file").ClickAsync());
        using var file = new StreamReader(await download.CreateReadStreamAsync());
        Assert.Equal("AuthServer: recovery codes of ada l\n\nfirst", await file.ReadToEndAsync(Ct));
    }

    private static async Task AnswerAsync(IPage page, string route, string body) => await page.RouteAsync(
        route, asked => asked.FulfillAsync(new() { ContentType = "application/json", Body = body }));

    private static async Task<string[]> SetUpAsync(HttpClient http, string accessToken)
    {
        var begun = await SendAsync(http, accessToken, "/second-factors/totp", new { });
        var totp = new Totp(Base32Encoding.ToBytes(begun.GetProperty("secret").GetString()!));
        var confirmed = await SendAsync(
            http, accessToken, "/second-factors/totp/confirm", new { code = totp.ComputeTotp() });
        return [.. confirmed.GetProperty("recoveryCodes").EnumerateArray().Select(code => code.GetString()!)];
    }

    private static async Task<JsonElement> SendAsync(HttpClient http, string accessToken, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", accessToken) },
            Content = path.EndsWith("confirm", StringComparison.Ordinal) ? JsonContent.Create(body) : null,
        };
        var answer = await http.SendAsync(request, Ct);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
    }
}
