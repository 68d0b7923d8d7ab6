using System.Net;
using AuthServer.Tests.Support;
using static AuthServer.Tests.Support.AuthServerApp;
using static AuthServer.Tests.Support.Browser;

namespace AuthServer.Tests;

/// <summary>Whose pages may use the cookie, and read answers.</summary>
public sealed class CrossSiteTests
{
    private const string Friend = "https://app.example.com";

    private static readonly object Credentials = new { username = "ada", password = Password };

    /// <summary>Origin, Sec-Fetch-Site, and whether the request is one of ours.</summary>
    public static TheoryData<string?, string?, bool> Senders => new()
    {
        { Own, null, true },
        { Own, "same-origin", true },
        { Friend, null, true },
        { Friend, "same-site", true },
        { null, "same-origin", true },
        { null, null, false },
        { null, "same-site", false },
        { null, "cross-site", false },
        { null, "none", false },
        { "null", null, false },
        { "null", "same-origin", false },
        { "https://evil.example", "same-origin", false },
        { "https://localhost", null, false },
        { "http://localhost:81", null, false },
        { "http://localhost.evil.example", null, false },
        { "http://app.example.com", null, false },
        { "https://app.example.com:444", null, false },
        { "https://sub.app.example.com", null, false },
        { "https://app.example.com.evil.example", null, false },
        { Friend + ", " + Friend, null, false },
    };

    [Theory]
    [MemberData(nameof(Senders))]
    public async Task Cookie_counts_from_pages_of_ours_alone(string? origin, string? site, bool ours)
    {
        await using var app = new AuthServerApp(("Cors:Origins:0", "https://other.example"), ("Cors:Origins:1", Friend));
        var ada = await app.SignInAsync("ada");
        (string, string)[] headers = site is null ? [] : [("Sec-Fetch-Site", site)];
        var sessions = await SessionsOfAsync(ada);

        var login = await app.PostFromAsync(origin, "/login?transport=cookie", null, Credentials, headers);
        var upgrade = await app.PostFromAsync(origin, "/refresh?transport=cookie", null, new { (await app.SignInAsync("eve")).Pair.RefreshToken }, headers);
        var refresh = await app.PostFromAsync(origin, "/refresh", ada.Pair.RefreshToken, null, headers);
        Assert.Equal(sessions + (ours ? 1 : 0), await SessionsOfAsync(ada));
        var logout = await app.PostFromAsync(origin, "/logout", ada.Pair.RefreshToken, null, headers);

        if (ours)
        {
            Assert.All([login, upgrade, refresh], answer => answer.ShouldBe(HttpStatusCode.OK));
            logout.ShouldBe(HttpStatusCode.NoContent);
            await (await ada.GetAsync("/me")).ShouldBeEndedAsync("logout");
            return;
        }

        foreach (var answer in new[] { login, upgrade, refresh, logout })
        {
            await answer.ShouldBeProblemAsync(403, "cross_site");
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }

        Assert.Equal(0u, (await app.RowOfAsync(ada)).Generation);
        Assert.Null((await app.RowOfAsync(ada)).EndedAt);
    }

    [Fact]
    public async Task Requests_without_the_cookie_may_come_from_anywhere()
    {
        await using var app = new AuthServerApp();
        var ada = await app.SignInAsync("ada");
        const string evil = "https://evil.example";
        await (await app.PostFromAsync(evil, "/login", null, Credentials)).ShouldBePairAsync();
        await (await app.PostFromAsync(evil, "/refresh", null, new { ada.Pair.RefreshToken })).ShouldBePairAsync();
        (await app.PostFromAsync(evil, "/logout", null, new { ada.Pair.RefreshToken })).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Pages_of_the_list_read_answers_and_nobody_else_does()
    {
        await using var app = new AuthServerApp(("Cors:Origins:0", Friend), ("Cors:Origins:1", "http://localhost:3000"));
        foreach (var path in new[] { "/login", "/refresh", "/me", "/nothing", "/health/live" })
        {
            foreach (var origin in new[] { Friend, "http://localhost:3000" })
            {
                var answer = await app.PostFromAsync(origin, path);
                Assert.Equal(origin, Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
                Assert.Equal("true", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Credentials")));
                Assert.Equal(
                    ["Authorization", "Retry-After", "X-Refresh-Token"],
                    answer.Headers.GetValues("Access-Control-Expose-Headers").SelectMany(value => value.Split(',')).Order());
                Assert.Equal("Origin", Assert.Single(answer.Headers.Vary));
            }

            foreach (var origin in new[] { null, "null", "*", "https://evil.example", "http://app.example.com", Friend + ".evil.example" })
            {
                var answer = await app.PostFromAsync(origin, path);
                Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.Ordinal));
                Assert.Equal("Origin", Assert.Single(answer.Headers.Vary));
            }
        }
    }

    [Theory]
    [InlineData(Friend, "POST", "content-type", true)]
    [InlineData(Friend, "DELETE", "authorization", true)]
    [InlineData(Friend, "GET", "authorization,x-refresh-token", true)]
    [InlineData("https://evil.example", "POST", "content-type", false)]
    public async Task Preflight_is_answered_for_pages_of_the_list(string origin, string method, string headers, bool allowed)
    {
        await using var app = new AuthServerApp(("Cors:Origins:0", Friend));
        using var request = new HttpRequestMessage(HttpMethod.Options, "/refresh");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", headers);
        var answer = await app.CreateClient().SendAsync(request, TestContext.Current.CancellationToken);
        answer.ShouldBe(HttpStatusCode.NoContent);
        Assert.Equal("Origin", Assert.Single(answer.Headers.Vary));
        Assert.Equal(allowed, answer.Headers.Contains("Access-Control-Allow-Origin"));
        if (allowed)
        {
            var names = answer.Headers.GetValues("Access-Control-Allow-Headers").SelectMany(value => value.Split(','));
            Assert.Superset(headers.Split(',').ToHashSet(StringComparer.OrdinalIgnoreCase), names.ToHashSet(StringComparer.OrdinalIgnoreCase));
            Assert.Contains(method, answer.Headers.GetValues("Access-Control-Allow-Methods").SelectMany(value => value.Split(',')));
        }
    }

    [Fact]
    public async Task Errors_that_no_route_gave_are_read_by_pages_of_the_list_too()
    {
        await using var app = new AuthServerApp(("Cors:Origins:0", Friend), ("RateLimits:Enabled", "true"));
        for (var i = 0; i < 60; i++)
        {
            await app.PostFromAsync(Friend, "/login", null, new { });
        }

        var limited = await app.PostFromAsync(Friend, "/login", null, new { });
        await limited.ShouldBeProblemAsync(429, "too_many_requests");
        Assert.True(limited.Headers.Contains("Access-Control-Allow-Origin"));
        var large = await app.PostFromAsync(Friend, "/refresh", null, new { refreshToken = new string('a', 17_000) });
        await large.ShouldBeProblemAsync(413, "body_too_large");
        Assert.True(large.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_a_list_nothing_is_said_about_origins()
    {
        await using var app = new AuthServerApp();
        var answer = await app.PostFromAsync(Friend, "/login");
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.Ordinal) || header.Key == "Vary");
    }

    private static async Task<int> SessionsOfAsync(SignedIn user) =>
        (await (await user.GetAsync("/sessions")).ShouldBeJsonAsync()).GetProperty("sessions").GetArrayLength();
}
