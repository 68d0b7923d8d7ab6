using System.Net;
using AuthServer.Core;
using AuthServer.Credentials;
using AuthServer.Sessions;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;

namespace AuthServer.Tests;

/// <summary>Device tokens: the places that they are sent in, and what they are worth.</summary>
public sealed class DeviceTokenTests
{
    private const string Home = "203.0.113.5";
    private const string Away = "192.0.2.77";
    private const string NewPassword = "analytical engine number two";

    [Theory]
    [InlineData("/login")]
    [InlineData("/login?transport=body")]
    [InlineData("/login?transport=header")]
    public async Task Login_sends_token_in_header(string path)
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var answer = await app.CreateClient().PostAsync(path, new { username = "ada", password = AuthServerApp.Password });
        Assert.Equal(DeviceToken.EncodedLength, TokenOf(answer).Length);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Login_by_cookie_sends_token_in_cookie_alone()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var answer = await LogInByCookieAsync(app, cookie: null);
        Assert.False(answer.Headers.Contains(Guesses.DeviceHeader));
        var attributes = CookieOf(answer).Split("; ");
        Assert.Equal(["httponly", "max-age=15552000", "path=/", "samesite=strict", "secure"], attributes[1..].Order());
    }

    [Fact]
    public async Task Failed_login_and_refresh_send_no_token()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var failed = await app.CreateClient().PostAsync("/login", new { username = "ada", password = "wrong" });
        Assert.False(failed.Headers.Contains(Guesses.DeviceHeader));
        Assert.False((await ada.PresentAsync(ada.Pair.RefreshToken)).Headers.Contains(Guesses.DeviceHeader));
    }

    [Fact]
    public async Task Login_on_known_device_keeps_its_id_and_renews_token()
    {
        await using var app = Guesses.NewApp();
        var first = await app.LogInAtAsync("ada", Home);
        app.Clock.Advance(TimeSpan.FromDays(179));
        var second = await app.LogInAtAsync("ada", Away, first);
        Assert.Equal(Read(app, first).DeviceId, Read(app, second).DeviceId);
        Assert.Equal(app.Clock.GetUtcNow(), Read(app, second).IssuedAt);
        Assert.NotEqual(Read(app, first).DeviceId, Read(app, await app.LogInAtAsync("ada", Away)).DeviceId);
    }

    [Fact]
    public async Task Login_on_known_device_is_hashed_as_one()
    {
        await using var app = Guesses.NewApp();
        var device = Read(app, await app.LogInAtAsync("ada", Home));
        var account = await app.Get<AccountStore>().FindAsync("ada", TestContext.Current.CancellationToken);
        foreach (var (presented, isKnown) in new[] { (device, true), (null, false) })
        {
            var admitted = await app.Get<LoginThrottleService>().AdmitAsync(
                "ada", account, presented, new ClientInfo(Away, null), TestContext.Current.CancellationToken);
            using var attempt = admitted.Value;
            Assert.Equal(new HashCaller(Away, isKnown), attempt.Caller);
        }
    }

    [Fact]
    public async Task Cookie_counts_from_trusted_page_alone()
    {
        await using var app = Guesses.NewApp();
        var device = await app.LogInAtAsync("ada", Home);
        await app.ExhaustAsync("ada");
        var foreign = app.CreateClient();
        foreign.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        foreign.DefaultRequestHeaders.Add("Cookie", $"__Host-device={device}");
        var refused = await foreign.PostAsync("/login", new { username = "ada", password = AuthServerApp.Password });
        refused.ShouldBe(HttpStatusCode.TooManyRequests);
        (await LogInByCookieAsync(app, $"__host-device={device}")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await LogInByCookieAsync(app, $"__Host-device={device}")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Device_ends_after_10_failures_of_its_own()
    {
        await using var app = Guesses.NewApp();
        var device = await app.LogInAtAsync("ada", Home);
        await app.ExhaustAsync("ada");
        Assert.Equal(10, (await app.GuessAsync("ada", 12, _ => Away, device))[HttpStatusCode.Unauthorized]);
        (await app.TryAsync("ada", AuthServerApp.Password, Away, device)).ShouldBe(HttpStatusCode.TooManyRequests);

        // It is over for good, though the account takes logins of strangers again, and the next login makes another device.
        app.Clock.Advance(TimeSpan.FromDays(100));
        var next = await app.LogInAtAsync("ada", Away, device);
        Assert.NotEqual(Read(app, device).DeviceId, Read(app, next).DeviceId);
    }

    [Fact]
    public async Task Success_of_device_forgets_its_failures()
    {
        await using var app = Guesses.NewApp();
        var device = await app.LogInAtAsync("ada", Home);
        for (var round = 0; round < 3; round++)
        {
            await app.GuessAsync("ada", 9, _ => Away, device);
            Assert.Equal(Read(app, device).DeviceId, Read(app, await app.LogInAtAsync("ada", Away, device)).DeviceId);
        }
    }

    [Fact]
    public async Task Failures_of_device_are_held_against_no_stranger()
    {
        await using var app = Guesses.NewApp();
        var device = await app.LogInAtAsync("ada", Home);
        await app.GuessAsync("ada", 9, _ => Away, device);
        Assert.Equal(100, (await app.GuessAsync("ada", 110, Guesses.Anywhere))[HttpStatusCode.Unauthorized]);
    }

    [Fact]
    public async Task Token_of_another_account_is_nothing()
    {
        await using var app = Guesses.NewApp();
        await app.LogInAtAsync("ada", Home);
        var mallory = await app.LogInAtAsync("mallory", "198.51.100.1");
        await app.ExhaustAsync("ada");
        (await app.TryAsync("ada", AuthServerApp.Password, Away, mallory)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await app.TryAsync("eve", "wrong", Away, mallory)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Token_ends_with_change_of_password_and_its_answer_has_next()
    {
        await using var app = Guesses.NewApp();
        var ada = await app.LogInAsync("ada");
        var device = await app.LogInAtAsync("ada", Home);
        ada.Http.DefaultRequestHeaders.Add(Guesses.DeviceHeader, device);
        var change = new { currentPassword = AuthServerApp.Password, newPassword = NewPassword, ada.Pair.RefreshToken };
        var next = TokenOf(await ada.SendAsync(HttpMethod.Post, "/password", change));
        Assert.Equal(Read(app, device).DeviceId, Read(app, next).DeviceId);

        await app.ExhaustAsync("ada");
        (await app.TryAsync("ada", NewPassword, Away, device)).ShouldBe(HttpStatusCode.TooManyRequests);
        await (await app.TryAsync("ada", NewPassword, Away, next)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Token_goes_on_with_new_proof_and_so_does_that_of_its_answer()
    {
        await using var app = Guesses.NewApp();
        var ada = await app.LogInAsync("ada");
        var device = await app.LogInAtAsync("ada", Home);
        ada.Http.DefaultRequestHeaders.Add(Guesses.DeviceHeader, device);
        var proof = new { AuthServerApp.Password, ada.Pair.RefreshToken };
        var next = TokenOf(await ada.SendAsync(HttpMethod.Post, "/reauthenticate", proof));
        Assert.Equal(Read(app, device).DeviceId, Read(app, next).DeviceId);

        await app.ExhaustAsync("ada");
        await (await app.TryAsync("ada", AuthServerApp.Password, Away, device)).ShouldBePairAsync();
        await (await app.TryAsync("ada", AuthServerApp.Password, Away, next)).ShouldBePairAsync();
    }

    [Fact]
    public async Task Token_ends_after_180_days()
    {
        await using var app = Guesses.NewApp();
        var device = await app.LogInAtAsync("ada", Home);
        app.Clock.Advance(TimeSpan.FromDays(180));
        await app.ExhaustAsync("ada");
        (await app.TryAsync("ada", AuthServerApp.Password, Away, device)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("{0}A")]
    [InlineData("A{0}")]
    [InlineData("{0}=")]
    public async Task Forged_token_is_nothing_and_login_goes_on(string form)
    {
        await using var app = Guesses.NewApp();
        var device = await app.LogInAtAsync("ada", Home);
        var forged = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, device);
        await app.LogInAtAsync("ada", Away, forged);
        await app.ExhaustAsync("ada");
        (await app.TryAsync("ada", AuthServerApp.Password, Away, forged)).ShouldBe(HttpStatusCode.OK);
        (await app.TryAsync("ada", AuthServerApp.Password, "192.0.3.1", forged)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Token_is_sent_when_limits_are_off_and_proves_nothing()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var http = app.CreateClient();
        var login = await http.PostAsync("/login", new { username = "ada", password = AuthServerApp.Password });
        http.DefaultRequestHeaders.Add(Guesses.DeviceHeader, TokenOf(login));
        (await http.GetAsync("/me", TestContext.Current.CancellationToken)).ShouldBe(HttpStatusCode.Unauthorized);
        (await http.PostAsync("/refresh", new { refreshToken = TokenOf(login) })).ShouldBe(HttpStatusCode.Unauthorized);
        (await http.PostAsync("/login", new { username = "ada", password = "wrong" })).ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static string TokenOf(HttpResponseMessage answer) => Assert.Single(answer.Headers.GetValues(Guesses.DeviceHeader));

    private static DeviceToken Read(AuthServerApp app, string token) =>
        DeviceToken.Parse(token, app.Get<ServerKeys>().Devices, DateTimeOffset.MinValue)!;

    private static string CookieOf(HttpResponseMessage answer) => Assert.Single(
        answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("__Host-device=", StringComparison.Ordinal));

    private static async Task<HttpResponseMessage> LogInByCookieAsync(AuthServerApp app, string? cookie)
    {
        using var http = app.CreateClient();
        http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        if (cookie is not null)
        {
            http.DefaultRequestHeaders.Add("Cookie", cookie);
        }

        return await http.PostAsync("/login?transport=cookie", new { username = "ada", password = AuthServerApp.Password });
    }
}
