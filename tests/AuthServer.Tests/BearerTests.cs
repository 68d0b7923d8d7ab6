using System.Net;
using System.Security.Cryptography;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

public sealed class BearerTests(KeyedApp keyed) : IClassFixture<KeyedApp>
{
    private const string InTheFuture = "9999999999";

    private static readonly byte[] NewerKey = RandomNumberGenerator.GetBytes(64);

    private readonly HttpClient http = keyed.App.CreateClient();

    [Fact]
    public async Task Token_signed_by_hand_with_right_key_is_accepted()
    {
        var ada = await keyed.App.LogInAsync("ada");
        await ShouldBeAcceptedAsync(new Forgery(ada.Pair.AccessToken).Sign(KeyedApp.Key));
        var renamed = new Forgery(ada.Pair.AccessToken).With("payload", "name", "\"Ada Lovelace\"");
        await ShouldBeAcceptedAsync(renamed.Sign(KeyedApp.Key));
    }

    [Theory]
    [InlineData("header", "kid", "\"1\"")]
    [InlineData("header", "kid", "\"3\"")]
    [InlineData("header", "kid", "\"\"")]
    [InlineData("header", "kid", null)]
    [InlineData("header", "alg", "\"none\"")]
    [InlineData("header", "alg", "\"None\"")]
    [InlineData("header", "alg", "\"HS384\"")]
    [InlineData("header", "alg", "\"HS512\"")]
    [InlineData("header", "alg", null)]
    [InlineData("header", "typ", "\"JWT\"")]
    [InlineData("header", "typ", null)]
    [InlineData("payload", "iss", "\"http://localhost:5081\"")]
    [InlineData("payload", "iss", null)]
    [InlineData("payload", "aud", "\"another\"")]
    [InlineData("payload", "aud", "[]")]
    [InlineData("payload", "aud", null)]
    [InlineData("payload", "exp", null)]
    [InlineData("payload", "exp", "\"never\"")]
    [InlineData("payload", "iat", InTheFuture)]
    [InlineData("payload", "iat", null)]
    [InlineData("payload", "sid", null)]
    [InlineData("payload", "sid", "\"x\"")]
    [InlineData("payload", "sub", null)]
    [InlineData("payload", "admin", null)]
    public async Task Token_with_right_key_and_wrong_content_is_invalid(string part, string member, string? json)
    {
        var ada = await keyed.App.LogInAsync("ada");
        var token = new Forgery(ada.Pair.AccessToken).With(part, member, json).Sign(KeyedApp.Key);
        await ShouldBeInvalidAsync(token);
        if (json != InTheFuture)
        {
            var logout = await http.SendAsync(HttpMethod.Post, "/logout", "Bearer " + token);
            await logout.ShouldBeProblemAsync(401, "access_token_invalid");
        }
    }

    [Theory]
    [InlineData("Bearer nonsense, Bearer nonsense")]
    [InlineData("Bearer =,")]
    [InlineData("Bearer nonsense\"")]
    public async Task Header_that_is_not_one_token_does_not_count_as_absent(string authorization)
    {
        var ada = await keyed.App.LogInAsync("ada");
        await (await http.SendAsync(HttpMethod.Get, "/me", authorization)).ShouldBeProblemAsync(401, "access_token_invalid");
        var logout = await http.SendAsync(HttpMethod.Post, "/logout", authorization);
        await logout.ShouldBeProblemAsync(401, "access_token_invalid");
        var body = HttpAssertions.Json(new { ada.Pair.RefreshToken });
        var refresh = await http.SendAsync(HttpMethod.Post, "/refresh", authorization, body);
        await refresh.ShouldBeProblemAsync(400, "token_mismatch");
    }

    [Fact]
    public async Task Token_with_another_key_is_invalid_whatever_its_kid()
    {
        var ada = await keyed.App.LogInAsync("ada");
        foreach (var kid in new[] { "\"1\"", "\"2\"", null })
        {
            await ShouldBeInvalidAsync(new Forgery(ada.Pair.AccessToken).With("header", "kid", kid).Sign(NewerKey));
        }
    }

    [Fact]
    public async Task Token_that_was_tampered_with_is_invalid()
    {
        var ada = await keyed.App.LogInAsync("ada");
        var genuine = ada.Pair.AccessToken.Split('.');
        var admin = new Forgery(ada.Pair.AccessToken).With("payload", "admin", "true").Sign(KeyedApp.Key).Split('.');
        var flipped = (genuine[2][0] == 'A' ? 'B' : 'A') + genuine[2][1..];
        await ShouldBeAcceptedAsync(string.Join('.', genuine));
        await ShouldBeInvalidAsync($"{genuine[0]}.{admin[1]}.{genuine[2]}");
        await ShouldBeInvalidAsync($"{genuine[0]}.{genuine[1]}.{flipped}");
        await ShouldBeInvalidAsync($"{genuine[0]}.{genuine[1]}.");
        await ShouldBeInvalidAsync($"{genuine[0]}.{genuine[1]}");
    }

    [Fact]
    public async Task Token_that_is_forged_and_old_is_invalid_and_not_expired()
    {
        var ada = await keyed.App.LogInAsync("ada");
        var old = new Forgery(ada.Pair.AccessToken).With("payload", "exp", "1");
        await (await MeAsync("Bearer " + old.Sign(KeyedApp.Key))).ShouldBeProblemAsync(401, "access_token_expired");
        await ShouldBeInvalidAsync(old.Sign(NewerKey));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d.e")]
    [InlineData("e30.e30.e30")]
    [InlineData("null")]
    public async Task Token_that_is_no_jwt_is_invalid(string token) => await ShouldBeInvalidAsync(token);

    [Fact]
    public async Task Refresh_token_is_no_access_token() =>
        await ShouldBeInvalidAsync((await keyed.App.LogInAsync("ada")).Pair.RefreshToken);

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Digest x")]
    public async Task Request_without_bearer_token_is_refused_as_missing(string? authorization) =>
        await (await MeAsync(authorization)).ShouldBeProblemAsync(401, "access_token_missing");

    [Fact]
    public async Task Token_outside_header_is_missing()
    {
        var token = (await keyed.App.LogInAsync("ada")).Pair.AccessToken;
        var query = await http.SendAsync(HttpMethod.Get, "/me?access_token=" + token);
        await query.ShouldBeProblemAsync(401, "access_token_missing");
        using var content = new FormUrlEncodedContent([new("access_token", token)]);
        var form = await http.SendAsync(HttpMethod.Post, "/logout/all", content: content);
        await form.ShouldBeProblemAsync(401, "access_token_missing");
        await (await MeAsync(token)).ShouldBeProblemAsync(401, "access_token_missing");
        await (await MeAsync("Token " + token)).ShouldBeProblemAsync(401, "access_token_missing");
        await ShouldBeAcceptedAsync(token);
    }

    [Fact]
    public async Task Two_tokens_are_invalid()
    {
        var token = (await keyed.App.LogInAsync("ada")).Pair.AccessToken;
        await ShouldBeInvalidAsync($"{token}, Bearer {token}");
        await ShouldBeInvalidAsync($"{token} {token}");
    }

    [Theory]
    [InlineData("bearer ")]
    [InlineData("BEARER ")]
    [InlineData("Bearer  ")]
    public async Task Scheme_may_be_in_any_case(string scheme)
    {
        var ada = await keyed.App.LogInAsync("ada");
        (await MeAsync(scheme + ada.Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Token_from_clock_up_to_five_seconds_ahead_is_accepted()
    {
        var ada = await keyed.App.LogInAsync("ada");
        var now = keyed.App.Clock.GetUtcNow().ToUnixTimeSeconds();
        await ShouldBeAcceptedAsync(new Forgery(ada.Pair.AccessToken).With("payload", "iat", $"{now + 5}").Sign(KeyedApp.Key));
        await ShouldBeInvalidAsync(new Forgery(ada.Pair.AccessToken).With("payload", "iat", $"{now + 6}").Sign(KeyedApp.Key));
    }

    [Theory]
    [InlineData("00:00:02", 2)]
    [InlineData("00:05:00", 300)]
    public async Task Token_lives_as_long_as_configured_and_no_moment_longer(string configured, int seconds)
    {
        await using var app = new AuthServerApp(("Tokens:AccessLifetime", configured));
        var ada = await app.LogInAsync("ada");
        Assert.Equal(seconds, ada.Pair.ExpiresIn);
        Assert.Equal(seconds, ada.Claims.GetProperty("exp").GetInt64() - ada.Claims.GetProperty("iat").GetInt64());
        app.Clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Fact]
    public async Task Token_issued_late_in_second_counts_from_start_of_second()
    {
        await using var app = new AuthServerApp();
        app.Clock.Advance(TimeSpan.FromMilliseconds(999));
        var ada = await app.LogInAsync("ada");
        Assert.Equal(app.Clock.GetUtcNow().ToUnixTimeSeconds(), ada.Claims.GetProperty("iat").GetInt64());
        app.Clock.Advance(TimeSpan.FromMilliseconds(19_000));
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Fact]
    public async Task Claims_reach_private_routes_under_their_own_names()
    {
        var ada = await keyed.App.LogInAsync("claimed");
        var forged = new Forgery(ada.Pair.AccessToken)
            .With("payload", "roles", "[\"admin\",\"ops\"]")
            .With("payload", "admin", "true");
        var me = await (await MeAsync("Bearer " + forged.Sign(KeyedApp.Key))).ShouldBeJsonAsync();
        Assert.Equal(["admin", "ops"], me.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.True(me.GetProperty("admin").GetBoolean());
        Assert.Equal(ada.Claims.GetProperty("sub").GetGuid(), me.GetProperty("id").GetGuid());
        Assert.Equal(ada.SessionId, me.GetProperty("sessionId").GetGuid());
        Assert.Equal("claimed", me.GetProperty("username").GetString());
        Assert.Equal("2026-01-01T12:00:00Z", me.GetProperty("issuedAt").GetString());
        Assert.Equal("2026-01-01T12:00:20Z", me.GetProperty("expiresAt").GetString());
    }

    [Fact]
    public async Task Token_is_in_no_answer_and_in_no_log_line()
    {
        await using var app = new AuthServerApp(("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Trace"));
        var ada = await app.LogInAsync("ada");
        var forged = new Forgery(ada.Pair.AccessToken).Sign(NewerKey);
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        foreach (var (token, code) in new[] { (ada.Pair.AccessToken, "access_token_expired"), (forged, "access_token_invalid") })
        {
            var response = await app.CreateClient().SendAsync(HttpMethod.Get, "/me", "Bearer " + token);
            await response.ShouldBeProblemAsync(401, code);
            var text = response.Headers + await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain(token.Split('.')[2], text, StringComparison.Ordinal);
            Assert.DoesNotContain("IDX", text, StringComparison.Ordinal);
            Assert.False(response.Headers.Contains("Authorization"));
            Assert.All(app.Log.Lines, line => Assert.DoesNotContain(token.Split('.')[2], line.Text, StringComparison.Ordinal));
        }
    }

    private Task<HttpResponseMessage> MeAsync(string? authorization) => http.SendAsync(HttpMethod.Get, "/me", authorization);

    private async Task ShouldBeAcceptedAsync(string token) => (await MeAsync("Bearer " + token)).ShouldBe(HttpStatusCode.OK);

    private async Task ShouldBeInvalidAsync(string token) =>
        await (await MeAsync("Bearer " + token)).ShouldBeProblemAsync(401, "access_token_invalid");
}
