using System.Security.Cryptography;
using System.Text;
using AuthServer.Storage;
using AuthServer.Tests.HouseRules;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Tests;

/// <summary>Whole logins with the settings of the guide, at providers that answer like the real ones.</summary>
public sealed class GuideProviderTests : IAsyncLifetime
{
    private const string Address = "ada@example.com";

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private FakeProviders providers = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => providers = await FakeProviders.StartAsync(clock);

    public ValueTask DisposeAsync() => providers.DisposeAsync();

    [Theory]
    [InlineData("google", "email openid profile", "110169484474386276334", "Ada Lovelace", Address, true)]
    [InlineData("kakao", "account_email openid profile_nickname", "2632890179", "홍길동", Address, false)]
    [InlineData("naver", "", "32742776", "오픈 API", Address, false)]
    [InlineData("line", "email openid profile", "U4af4980629", "LINE Taro", null, false)]
    [InlineData("apple", "email name openid", "001234.abcd.0123", "Ada Lovelace", Address, true)]
    [InlineData("github", "user:email", "583231", "The Octocat", Address, false)]
    [InlineData("microsoft", "email openid profile", "AAAAAAAAAAAAAAAAAAAAAIkzqFV", "Ada Lovelace", Address, false)]
    public async Task Login_with_settings_of_guide_succeeds(
        string provider, string scopes, string subject, string name, string? address, bool isVerified)
    {
        await using var app = new AuthServerApp(providers.Connect, [.. SettingsOf(provider)]) { Clock = clock };
        var browser = new ExternalBrowser(app);
        var begun = await browser.BeginAsync(provider: provider);
        var query = QueryHelpers.ParseQuery(begun.Query);
        var asked = query.TryGetValue("scope", out var scope) ? scope.ToString().Split(' ') : [];
        Assert.Equal(scopes, string.Join(' ', asked.Order(StringComparer.Ordinal)));

        var answer = providers.Authorize(begun);
        var callback = query["redirect_uri"].ToString();
        Assert.Equal($"{ExternalBrowser.Origin}/login/external/{provider}/callback", callback);
        var isByForm = query.TryGetValue("response_mode", out var mode) && mode == "form_post";
        var end = isByForm
            ? await browser.EndByFormAsync(callback, begun, answer)
            : await browser.EndAsync(new Uri(QueryHelpers.AddQueryString(callback, answer!)));
        Assert.True(ExternalBrowser.ErrorOf(end) is null, string.Join('\n', app.Log.Lines.Select(line => line.Text)));
        Assert.Equal(provider == "apple", isByForm);

        var me = await browser.MeAsync(await browser.RefreshAsync());
        Assert.Equal(name, me.GetProperty("displayName").GetString());
        var row = await app.InDatabaseAsync(db => db.Set<ExternalIdentityRow>().SingleAsync(Ct));
        Assert.Equal((provider, subject), (row.Provider, row.Subject));
        var user = await app.InDatabaseAsync(db => db.Users.SingleAsync(Ct));
        Assert.Equal((address, isVerified ? address : null), (user.Email, user.VerifiedEmail));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\\n")]
    public async Task Client_of_apple_proves_itself_by_signature(string lineBreak)
    {
        var settings = SettingsOf("apple").Select(setting => (setting.Key, setting.Value.ReplaceLineEndings(lineBreak)));
        await using var app = new AuthServerApp(providers.Connect, [.. settings]) { Clock = clock };
        var browser = new ExternalBrowser(app);
        var begun = await browser.BeginAsync(provider: "apple");
        var callback = QueryHelpers.ParseQuery(begun.Query)["redirect_uri"].ToString();
        await browser.EndByFormAsync(callback, begun, providers.Authorize(begun));
        var assertion = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(providers.TokenRequest!["client_secret"]);
        Assert.Equal(("ES256", "F6G7H8I9J0", "A1B2C3D4E5"), (assertion.Alg, assertion.Kid, assertion.Issuer));
    }

    [Theory]
    [InlineData("apple", "TeamId")]
    [InlineData("apple", "SigningKey")]
    public async Task Provider_that_lacks_setting_prevents_start(string provider, string setting)
    {
        var settings = SettingsOf(provider).Where(pair => !pair.Key.EndsWith(setting, StringComparison.Ordinal));
        var refusal = FailedStart.Of(() => new AuthServerApp(providers.Connect, [.. settings]) { Clock = clock });
        Assert.Contains(setting, refusal.Message, StringComparison.Ordinal);
    }

    // The guide has places for what a provider gives out.
    private List<(string Key, string Value)> SettingsOf(string provider)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var guide = Repository.Files.Single(file => file.Path == "src/docs/external-logins.md").Text;
        var block = guide.Split("```json\n").Skip(1).Select(part => part.Split("```")[0])
            .Single(part => part.Contains($"\"{provider}\": {{", StringComparison.Ordinal));
        var json = new MemoryStream(Encoding.UTF8.GetBytes(block));
        return new ConfigurationBuilder().AddJsonStream(json).Build().AsEnumerable()
            .Where(setting => setting.Value is not null)
            .Select(setting => (setting.Key, setting.Key.Split(':')[^1] switch
            {
                "SigningKey" => key.ExportPkcs8PrivateKeyPem(),
                "ClientSecret" => providers.Secret,
                "ClientId" when setting.Value == "…" => "1234",
                _ => setting.Value!,
            }))
            .ToList();
    }
}
