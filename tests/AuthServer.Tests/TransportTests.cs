using System.Net;
using System.Text.Json;
using AuthServer.Tests.Support;
using static AuthServer.Tests.Support.AuthServerApp;
using static AuthServer.Tests.Support.Browser;

namespace AuthServer.Tests;

/// <summary>The places of tokens in requests and answers: body, headers, cookie.</summary>
public sealed class TransportTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private const long Idle = 14 * 24 * 3600;

    [Theory]
    [InlineData("/login")]
    [InlineData("/refresh")]
    public async Task Header_transport_puts_both_tokens_in_headers(string path)
    {
        var ada = await shared.App.LogInAsync("header");
        object body = path == "/login" ? new { username = "header", password = Password } : new { ada.Pair.RefreshToken };
        var response = await shared.App.PostFromAsync(null, path + "?transport=header", body: body);

        Assert.Equal(["expiresIn", "refreshExpiresIn", "sessionId", "tokenType"], MembersOf(await response.ShouldBeJsonAsync()));
        Assert.False(response.Headers.Contains("Set-Cookie"));
        var access = Assert.Single(response.Headers.GetValues("Authorization"));
        var refresh = Assert.Single(response.Headers.GetValues("X-Refresh-Token"));
        Assert.StartsWith("Bearer ", access, StringComparison.Ordinal);
        (await ada.Http.SendAsync(HttpMethod.Get, "/me", access)).ShouldBe(HttpStatusCode.OK);
        await ada.RefreshAsync(refresh);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/refresh")]
    public async Task Cookie_transport_puts_refresh_token_in_cookie_alone(string path)
    {
        var ada = await shared.App.LogInAsync("cookie");
        object body = path == "/login" ? new { username = "cookie", password = Password } : new { ada.Pair.RefreshToken };
        var response = await shared.App.PostFromAsync(Own, path + "?transport=cookie", body: body);

        var refresh = response.ShouldSetCookie(Idle);
        var pair = await response.ShouldBeJsonAsync();
        Assert.Equal(["accessToken", "expiresIn", "refreshExpiresIn", "sessionId", "tokenType"], MembersOf(pair));
        Assert.DoesNotContain(refresh, pair.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(response.Headers, header => header.Key is "Authorization" or "X-Refresh-Token");
        var me = await ada.Http.SendAsync(HttpMethod.Get, "/me", "Bearer " + pair.GetProperty("accessToken"));
        me.ShouldBe(HttpStatusCode.OK);
        await ada.RefreshAsync(refresh);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?transport=body")]
    [InlineData("?transport=header")]
    [InlineData("?transport=cookie")]
    public async Task Refresh_token_from_cookie_is_answered_in_cookie_alone(string query)
    {
        var ada = await shared.App.LogInAsync("captive");
        var response = await shared.App.PostFromAsync(Own, "/refresh" + query, ada.Pair.RefreshToken);
        var refresh = response.ShouldSetCookie(Idle);
        Assert.NotEqual(ada.Pair.RefreshToken, refresh);
        var pair = await response.ShouldBeJsonAsync();
        Assert.False(pair.TryGetProperty("refreshToken", out _));
        Assert.NotEmpty(pair.GetProperty("accessToken").GetString()!);
        Assert.DoesNotContain(response.Headers, header => header.Key is "Authorization" or "X-Refresh-Token");
    }

    [Fact]
    public async Task Cookie_lives_as_long_as_its_idle_session()
    {
        await using var app = new AuthServerApp(("Sessions:AbsoluteLifetime", "14.01:00:00"));
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromHours(2));
        (await app.PostFromAsync(Own, "/refresh", ada.Pair.RefreshToken)).ShouldSetCookie(Idle - 3600);
    }

    [Fact]
    public async Task Refresh_token_is_taken_from_body_then_header_then_cookie()
    {
        var body = await shared.App.LogInAsync("places");
        var header = await shared.App.LogInAsync("places");
        var cookie = await shared.App.LogInAsync("places");
        var inBody = new { body.Pair.RefreshToken };
        var inHeader = ("X-Refresh-Token", header.Pair.RefreshToken);

        var all = await shared.App.PostFromAsync(Own, "/refresh", cookie.Pair.RefreshToken, inBody, inHeader);
        Assert.Equal(body.SessionId, (await all.ShouldBePairAsync()).SessionId);
        var two = await shared.App.PostFromAsync(Own, "/refresh", cookie.Pair.RefreshToken, null, inHeader);
        Assert.Equal(header.SessionId, (await two.ShouldBePairAsync()).SessionId);
        var one = await shared.App.PostFromAsync(Own, "/refresh", cookie.Pair.RefreshToken);
        Assert.Equal(cookie.SessionId, (await one.ShouldBeJsonAsync()).GetProperty("sessionId").GetGuid());
    }

    [Fact]
    public async Task Explicit_refresh_token_is_judged_in_place_of_cookie()
    {
        const string given = "forged";
        var ada = await shared.App.LogInAsync("explicit");
        var cookie = ada.Pair.RefreshToken;
        foreach (var answer in new[]
        {
            await shared.App.PostFromAsync(Own, "/refresh", cookie, new { refreshToken = given }),
            await shared.App.PostFromAsync(Own, "/refresh", cookie, new { refreshToken = "" }),
            await shared.App.PostFromAsync(Own, "/refresh", cookie, null, ("X-Refresh-Token", given)),
        })
        {
            await answer.ShouldBeProblemAsync(401, "refresh_token_invalid");
        }

        (await shared.App.PostFromAsync(Own, "/logout", cookie, new { refreshToken = given })).ShouldBe(HttpStatusCode.NoContent);
        await ada.RefreshAsync();
    }

    [Theory]
    [InlineData("__host-refresh")]
    [InlineData("__HOST-REFRESH")]
    [InlineData("refresh")]
    public async Task Cookie_of_another_name_does_not_count(string name)
    {
        var ada = await shared.App.LogInAsync("named");
        var response = await shared.App.PostFromAsync(Own, "/refresh", headers: ("Cookie", $"{name}={ada.Pair.RefreshToken}"));
        await response.ShouldBeProblemAsync(401, "refresh_token_missing");
    }

    [Fact]
    public async Task Logout_by_cookie_ends_session_and_expires_cookie()
    {
        var ada = await shared.App.LogInAsync("leaving");
        var logout = await shared.App.PostFromAsync(Own, "/logout", ada.Pair.RefreshToken);
        logout.ShouldBe(HttpStatusCode.NoContent);
        logout.ShouldExpireCookie();
        await (await shared.App.PostFromAsync(Own, "/refresh", ada.Pair.RefreshToken)).ShouldBeEndedAsync("logout");

        // At a repetition, or with a forged cookie, it expires in the browser all the same.
        (await shared.App.PostFromAsync(Own, "/logout", ada.Pair.RefreshToken)).ShouldExpireCookie();
        (await shared.App.PostFromAsync(Own, "/logout", "forged")).ShouldExpireCookie();
    }

    [Fact]
    public async Task Logout_that_does_not_use_cookie_leaves_it()
    {
        var ada = await shared.App.LogInAsync("two");
        var other = await shared.App.LogInAsync("two");
        var logout = await shared.App.PostFromAsync(Own, "/logout", other.Pair.RefreshToken, new { ada.Pair.RefreshToken });
        logout.ShouldBe(HttpStatusCode.NoContent);
        Assert.False(logout.Headers.Contains("Set-Cookie"));
        await other.RefreshAsync();
    }

    [Fact]
    public async Task Logout_with_mismatching_cookie_ends_nothing_and_leaves_it()
    {
        var ada = await shared.App.LogInAsync("disagree");
        var other = await shared.App.LogInAsync("disagree");
        var logout = await shared.App.PostFromAsync(
            Own, "/logout", ada.Pair.RefreshToken, null, ("Authorization", "Bearer " + other.Pair.AccessToken));
        await logout.ShouldBeProblemAsync(400, "token_mismatch");
        Assert.False(logout.Headers.Contains("Set-Cookie"));
        await ada.RefreshAsync();
        await other.RefreshAsync();
    }

    [Fact]
    public async Task Refused_refresh_leaves_cookie()
    {
        var ada = await shared.App.LogInAsync("late");
        await ada.LogoutAsync();
        var response = await shared.App.PostFromAsync(Own, "/refresh", ada.Pair.RefreshToken);
        await response.ShouldBeEndedAsync("logout");

        // By now the browser may have a newer one.
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    private static IEnumerable<string> MembersOf(JsonElement json) =>
        json.EnumerateObject().Select(member => member.Name).Order();
}
