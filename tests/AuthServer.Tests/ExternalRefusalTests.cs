using System.Net;
using System.Security.Cryptography;
using System.Text;
using AuthServer.Core;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using static AuthServer.Tests.Support.ExternalBrowser;

namespace AuthServer.Tests;

/// <summary>
/// Logins by another provider that must open no session. Sources: OpenID Connect Core §3.1.3.7, RFC 9207, RFC 9700.
/// </summary>
public sealed class ExternalRefusalTests : IAsyncLifetime
{
    private static readonly Dictionary<string, Action<FakeIssuer>> Forgeries = new()
    {
        ["nonce of another login"] = issuer => issuer.OnToken = token => token["nonce"] = "another nonce",
        ["no nonce"] = issuer => issuer.OnToken = token => token.Remove("nonce"),
        ["another issuer"] = issuer => issuer.OnToken = token => token["iss"] = "https://evil.example",
        ["another audience"] = issuer => issuer.OnToken = token => token["aud"] = "another client",
        ["expired"] = issuer => issuer.OnToken = token =>
            token["exp"] = new DateTimeOffset(2026, 1, 1, 11, 30, 0, TimeSpan.Zero).ToUnixTimeSeconds(),
        ["no subject"] = issuer => issuer.OnToken = token => token.Remove("sub"),
        ["another key"] = issuer => issuer.OtherKey = FakeIssuer.NewKey("first"),
        ["unsigned"] = issuer => issuer.OnSignedToken = token => token[..(token.LastIndexOf('.') + 1)],
        ["algorithm none"] = issuer => issuer.OnSignedToken = token =>
            $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{token.Split('.')[1]}.",
        ["key as secret"] = issuer => issuer.OnSignedToken = token =>
            SignBy(issuer.Key.Rsa.ExportSubjectPublicKeyInfoPem(), token),
        ["another secret"] = issuer => issuer.OnSignedToken = token => SignBy(FakeIssuer.ClientSecret + "!", token),
        ["no secret"] = issuer => issuer.OnSignedToken = token => SignBy("", token),
        ["changed payload"] = issuer => issuer.OnSignedToken = token =>
            token.Replace(token.Split('.')[1], token.Split('.')[1].Replace('a', 'b'), StringComparison.Ordinal),
        ["description of another user"] = issuer => issuer.OnDescription = user => user["sub"] = "5678",
        ["description of no user"] = issuer => issuer.OnDescription = user => user.Remove("sub"),
        ["endless subject"] = issuer => issuer.User["sub"] = new string('1', 256),
    };

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private FakeIssuer issuer = null!;
    private AuthServerApp app = null!;
    private ExternalBrowser browser = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> ForgeryNames => [.. Forgeries.Keys];

    public async ValueTask InitializeAsync()
    {
        issuer = await FakeIssuer.StartAsync(clock);
        app = new AuthServerApp(issuer.Settings()) { Clock = clock };
        browser = new ExternalBrowser(app, issuer);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(ForgeryNames))]
    public async Task Answer_that_cannot_be_trusted_opens_no_session(string forgery)
    {
        Forgeries[forgery](issuer);
        await ShouldFailAsync("server_error", await browser.LogInAsync());
    }

    [Fact]
    public async Task Same_answer_without_forgery_opens_session() => Assert.Null(ErrorOf(await browser.LogInAsync()));

    [Fact]
    public async Task Token_may_be_signed_by_secret_of_client()
    {
        issuer.OnSignedToken = token => SignBy(FakeIssuer.ClientSecret, token);
        Assert.Null(ErrorOf(await browser.LogInAsync()));
    }

    [Fact]
    public async Task User_who_refuses_comes_back_with_reason()
    {
        var request = await browser.BeginAsync($"?return_to={Origin}/page");
        var end = await browser.EndAsync(issuer.Answer(request, ("error", "access_denied")));
        Assert.StartsWith($"{Origin}/page?", end.ToString(), StringComparison.Ordinal);
        await ShouldFailAsync("access_denied", end);
    }

    [Fact]
    public async Task Answer_in_another_browser_opens_no_session()
    {
        var callback = issuer.Authorize(await browser.BeginAsync());
        browser = new ExternalBrowser(app, issuer);
        await ShouldFailAsync("invalid_request", await browser.EndAsync(callback));
    }

    [Fact]
    public async Task Answer_counts_once()
    {
        var callback = issuer.Authorize(await browser.BeginAsync());
        Assert.Null(ErrorOf(await browser.EndAsync(callback)));
        var again = await browser.EndAsync(callback);
        Assert.Equal("invalid_request", ErrorOf(again)?.Error);
        Assert.Equal(1, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("forged")]
    public async Task Answer_with_forged_state_returns_to_page_of_server(string state)
    {
        var request = await browser.BeginAsync("?return_to=https://localhost/page");
        var end = await browser.EndAsync(issuer.Answer(request, ("code", "1"), ("state", state)));
        Assert.Equal($"{Origin}/", end.GetLeftPart(UriPartial.Path));
        await ShouldFailAsync("invalid_request", end);
    }

    [Fact]
    public async Task State_lives_15_minutes()
    {
        var early = issuer.Authorize(await browser.BeginAsync());
        var late = issuer.Authorize(await browser.BeginAsync());
        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Null(ErrorOf(await browser.EndAsync(early)));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("invalid_request", ErrorOf(await browser.EndAsync(late))?.Error);
    }

    [Fact]
    public async Task Answer_of_another_issuer_is_refused()
    {
        var request = await browser.BeginAsync();
        var code = issuer.Authorize(request).Query.Split("code=")[1].Split('&')[0];
        var end = await browser.EndAsync(issuer.Answer(request, ("code", code), ("iss", "https://evil.example")));
        Assert.NotNull(ErrorOf(end));
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
    }

    [Fact]
    public async Task State_of_one_provider_is_refused_at_callback_of_another()
    {
        await using var two = new AuthServerApp([.. issuer.Settings(), .. issuer.Settings("other")]) { Clock = clock };
        browser = new ExternalBrowser(two, issuer);
        var callback = issuer.Authorize(await browser.BeginAsync()).ToString();
        var end = await browser.EndAsync(new Uri(callback.Replace("/fake/", "/other/", StringComparison.Ordinal)));
        Assert.Equal("invalid_request", ErrorOf(end)?.Error);
        Assert.Equal(0, await two.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
    }

    [Fact]
    public async Task Key_that_provider_has_rotated_is_read_again()
    {
        Assert.Null(ErrorOf(await browser.LogInAsync()));
        issuer.Key = FakeIssuer.NewKey("second");

        // The library reads keys again in the background, after the first token with a key that it does not know.
        await Eventually.BecomesAsync(async () => ErrorOf(await browser.LogInAsync()) is null);
    }

    [Fact]
    public async Task Provider_that_does_not_answer_is_given_up_within_5_seconds()
    {
        issuer.IsSilent = true;
        var answer = browser.GetAsync("/login/external/fake");
        await PassTimeAsync(answer);
        var end = (await answer).Headers.Location!;
        await ShouldFailAsync("temporarily_unavailable", end);

        // Other ways go on.
        await app.LogInAsync("grace");
    }

    [Fact]
    public async Task Provider_that_falls_silent_is_given_up_at_callback()
    {
        var callback = issuer.Authorize(await browser.BeginAsync());
        issuer.IsSilent = true;
        var end = browser.EndAsync(callback);
        await PassTimeAsync(end);
        await ShouldFailAsync("temporarily_unavailable", await end);
    }

    [Fact]
    public async Task Provider_that_is_away_is_answered_for()
    {
        await issuer.DisposeAsync();
        var answer = await browser.GetAsync("/login/external/fake");
        await ShouldFailAsync("temporarily_unavailable", answer.Headers.Location!);
    }

    [Fact]
    public async Task Nothing_of_provider_reaches_log()
    {
        const string Token = "eyJhbGciOiJub25lIn0";
        issuer.OtherKey = FakeIssuer.NewKey("first");
        await browser.LogInAsync();
        issuer.OtherKey = null;
        await browser.LogInAsync();
        foreach (var answer in new[]
        {
            Results.Text($"access_token={Token}&token_type=bearer", "application/x-www-form-urlencoded"),
            Results.Text($"[\"{Token}\",", "application/json"),
            Results.Text($"<p>{Token}</p>", "text/html", statusCode: 500),
            Results.Json(new { error = "invalid_grant", error_description = Token }, statusCode: 400),
        })
        {
            issuer.OnTokenRequest = () => answer;
            Assert.NotNull(ErrorOf(await browser.LogInAsync()));
        }

        Assert.All(app.Log.Lines, line =>
        {
            Assert.DoesNotContain("eyJ", line.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(FakeIssuer.ClientSecret, line.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("code=", line.Text, StringComparison.Ordinal);
        });
        Assert.Contains(app.Log.Lines, line => line.Text.Contains("fake gave no answer", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("exp", 1e300)]
    [InlineData("exp", "soon")]
    public async Task Claim_that_makes_no_sense_is_answer_that_cannot_be_trusted(string claim, object value)
    {
        issuer.OnToken = token => token[claim] = value;
        await ShouldFailAsync("server_error", await browser.LogInAsync());
    }

    // The limit of the server is on its clock, and the wait for the provider is not.
    private async Task PassTimeAsync(Task request)
    {
        await Eventually.BecomesAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return request.IsCompleted;
        });
    }

    private async Task ShouldFailAsync(string error, Uri end)
    {
        Assert.Equal(error, ErrorOf(end)?.Error);
        Assert.Equal(0, await app.InDatabaseAsync(db => db.Sessions.CountAsync(Ct)));
        (await browser.SendAsync(HttpMethod.Post, "/refresh")).ShouldBe(HttpStatusCode.Unauthorized);
        Assert.Contains(await app.CountedAsync(), row => row.Kind == EventKind.ExternalLoginFailed);
    }

    private static string SignBy(string secret, string token)
    {
        var input = $"{Base64UrlEncoder.Encode("""{"alg":"HS256","typ":"JWT"}""")}.{token.Split('.')[1]}";
        var mac = HMACSHA256.HashData(Encoding.ASCII.GetBytes(secret), Encoding.ASCII.GetBytes(input));
        return $"{input}.{Base64UrlEncoder.Encode(mac)}";
    }
}
