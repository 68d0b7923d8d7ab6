using System.Net;
using System.Text.Json;
using AuthServer.Tests.Support;
using static AuthServer.Tests.Support.AuthServerApp;
using static AuthServer.Tests.Support.Browser;

namespace AuthServer.Tests;

/// <summary>How tokens come and go: body, headers, cookie.</summary>
public sealed class TransportTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private const long Idle = 14 * 24 * 3600;

    [Theory]
    [InlineData("/login")]
    [InlineData("/refresh")]
    public async Task Header_transport_puts_both_tokens_in_headers_and_the_rest_in_the_body(string path)
    {
        var ada = await shared.App.SignInAsync("header");
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
    public async Task Cookie_transport_puts_the_refresh_token_in_the_cookie_and_nowhere_else(string path)
    {
        var ada = await shared.App.SignInAsync("cookie");
        object body = path == "/login" ? new { username = "cookie", password = Password } : new { ada.Pair.RefreshToken };
        var response = await shared.App.PostFromAsync(Own, path + "?transport=cookie", body: body);

        var refresh = response.ShouldSetCookie(Idle);
        var pair = await response.ShouldBeJsonAsync();
        Assert.Equal(["accessToken", "expiresIn", "refreshExpiresIn", "sessionId", "tokenType"], MembersOf(pair));
        Assert.DoesNotContain(refresh, pair.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(response.Headers, header => header.Key is "Authorization" or "X-Refresh-Token");
        (await ada.Http.SendAsync(HttpMethod.Get, "/me", "Bearer " + pair.GetProperty("accessToken"))).ShouldBe(HttpStatusCode.OK);
        await ada.RefreshAsync(refresh);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?transport=body")]
    [InlineData("?transport=header")]
    [InlineData("?transport=cookie")]
    public async Task Token_that_came_by_cookie_goes_back_by_cookie_only(string query)
    {
        var ada = await shared.App.SignInAsync("captive");
        var response = await shared.App.PostFromAsync(Own, "/refresh" + query, ada.Pair.RefreshToken);
        var refresh = response.ShouldSetCookie(Idle);
        Assert.NotEqual(ada.Pair.RefreshToken, refresh);
        var pair = await response.ShouldBeJsonAsync();
        Assert.False(pair.TryGetProperty("refreshToken", out _));
        Assert.NotEmpty(pair.GetProperty("accessToken").GetString()!);
        Assert.DoesNotContain(response.Headers, header => header.Key is "Authorization" or "X-Refresh-Token");
    }

    [Fact]
    public async Task Cookie_lives_as_long_as_its_idle_session_would()
    {
        await using var app = new AuthServerApp(("Sessions:AbsoluteLifetime", "14.01:00:00"));
        var ada = await app.SignInAsync("ada");
        app.Clock.Advance(TimeSpan.FromHours(2));
        (await app.PostFromAsync(Own, "/refresh", ada.Pair.RefreshToken)).ShouldSetCookie(Idle - 3600);
    }

    [Fact]
    public async Task Refresh_token_is_taken_from_the_body_then_the_header_then_the_cookie()
    {
        var body = await shared.App.SignInAsync("places");
        var header = await shared.App.SignInAsync("places");
        var cookie = await shared.App.SignInAsync("places");
        var inBody = new { body.Pair.RefreshToken };
        var inHeader = ("X-Refresh-Token", header.Pair.RefreshToken);

        var all = await (await shared.App.PostFromAsync(Own, "/refresh", cookie.Pair.RefreshToken, inBody, inHeader)).ShouldBePairAsync();
        Assert.Equal(body.SessionId, all.SessionId);
        var two = await (await shared.App.PostFromAsync(Own, "/refresh", cookie.Pair.RefreshToken, null, inHeader)).ShouldBePairAsync();
        Assert.Equal(header.SessionId, two.SessionId);
        var one = await (await shared.App.PostFromAsync(Own, "/refresh", cookie.Pair.RefreshToken)).ShouldBeJsonAsync();
        Assert.Equal(cookie.SessionId, one.GetProperty("sessionId").GetGuid());
    }

    [Fact]
    public async Task Token_given_explicitly_is_judged_even_where_the_cookie_would_do()
    {
        const string given = "forged";
        var ada = await shared.App.SignInAsync("explicit");
        var cookie = ada.Pair.RefreshToken;
        await (await shared.App.PostFromAsync(Own, "/refresh", cookie, new { refreshToken = given })).ShouldBeProblemAsync(401, "refresh_token_invalid");
        await (await shared.App.PostFromAsync(Own, "/refresh", cookie, new { refreshToken = "" })).ShouldBeProblemAsync(401, "refresh_token_invalid");
        await (await shared.App.PostFromAsync(Own, "/refresh", cookie, null, ("X-Refresh-Token", given))).ShouldBeProblemAsync(401, "refresh_token_invalid");
        (await shared.App.PostFromAsync(Own, "/logout", cookie, new { refreshToken = given })).ShouldBe(HttpStatusCode.NoContent);
        await ada.RefreshAsync();
    }

    [Theory]
    [InlineData("__host-refresh")]
    [InlineData("__HOST-REFRESH")]
    [InlineData("refresh")]
    public async Task Cookie_of_another_name_is_none(string name)
    {
        var ada = await shared.App.SignInAsync("named");
        var response = await shared.App.PostFromAsync(Own, "/refresh", headers: ("Cookie", $"{name}={ada.Pair.RefreshToken}"));
        await response.ShouldBeProblemAsync(401, "refresh_token_missing");
    }

    [Fact]
    public async Task Logout_by_cookie_ends_the_session_and_takes_the_cookie_away()
    {
        var ada = await shared.App.SignInAsync("leaving");
        var logout = await shared.App.PostFromAsync(Own, "/logout", ada.Pair.RefreshToken);
        logout.ShouldBe(HttpStatusCode.NoContent);
        logout.ShouldExpireCookie();
        await (await shared.App.PostFromAsync(Own, "/refresh", ada.Pair.RefreshToken)).ShouldBeEndedAsync("logout");

        // Repeated, or with a cookie that is nobody's, the browser still has to lose it.
        (await shared.App.PostFromAsync(Own, "/logout", ada.Pair.RefreshToken)).ShouldExpireCookie();
        (await shared.App.PostFromAsync(Own, "/logout", "forged")).ShouldExpireCookie();
    }

    [Fact]
    public async Task Logout_that_does_not_use_the_cookie_leaves_it()
    {
        var ada = await shared.App.SignInAsync("two");
        var other = await shared.App.SignInAsync("two");
        var logout = await shared.App.PostFromAsync(Own, "/logout", other.Pair.RefreshToken, new { ada.Pair.RefreshToken });
        logout.ShouldBe(HttpStatusCode.NoContent);
        Assert.False(logout.Headers.Contains("Set-Cookie"));
        await other.RefreshAsync();
    }

    [Fact]
    public async Task Logout_whose_cookie_and_access_token_disagree_ends_nothing_and_leaves_the_cookie()
    {
        var ada = await shared.App.SignInAsync("disagree");
        var other = await shared.App.SignInAsync("disagree");
        var logout = await shared.App.PostFromAsync(
            Own, "/logout", ada.Pair.RefreshToken, null, ("Authorization", "Bearer " + other.Pair.AccessToken));
        await logout.ShouldBeProblemAsync(400, "token_mismatch");
        Assert.False(logout.Headers.Contains("Set-Cookie"));
        await ada.RefreshAsync();
        await other.RefreshAsync();
    }

    [Fact]
    public async Task Refresh_that_is_refused_leaves_the_cookie_for_it_may_be_a_newer_one_by_now()
    {
        var ada = await shared.App.SignInAsync("late");
        await ada.LogoutAsync();
        var response = await shared.App.PostFromAsync(Own, "/refresh", ada.Pair.RefreshToken);
        await response.ShouldBeEndedAsync("logout");
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    private static IEnumerable<string> MembersOf(JsonElement json) => json.EnumerateObject().Select(member => member.Name).Order();
}
