using System.Net;
using AuthServer.Tests.Support;
using static AuthServer.Tests.Support.AuthServerApp;
using static AuthServer.Tests.Support.Browser;

namespace AuthServer.Tests;

/// <summary>The pages that may use the cookie and read answers.</summary>
public sealed class CrossSiteTests
{
    private const string Friend = "https://app.example.com";

    private static readonly object Credentials = new { username = "ada", password = Password };

    /// <summary>Origin, Sec-Fetch-Site, and true if the page is trusted.</summary>
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
    public async Task Cookie_counts_from_trusted_pages_alone(string? origin, string? site, bool trusted)
    {
        await using var app = new AuthServerApp(("Cors:Origins:0", "https://other.example"), ("Cors:Origins:1", Friend));
        var ada = await app.LogInAsync("ada");
        (string, string)[] headers = site is null ? [] : [("Sec-Fetch-Site", site)];
        var sessions = await SessionsOfAsync(ada);

        var login = await app.PostFromAsync(origin, "/login?transport=cookie", null, Credentials, headers);
        var eve = await app.LogInAsync("eve");
        var upgrade = await app.PostFromAsync(origin, "/refresh?transport=cookie", null, new { eve.Pair.RefreshToken }, headers);
        var refresh = await app.PostFromAsync(origin, "/refresh", ada.Pair.RefreshToken, null, headers);
        Assert.Equal(sessions + (trusted ? 1 : 0), await SessionsOfAsync(ada));
        var logout = await app.PostFromAsync(origin, "/logout", ada.Pair.RefreshToken, null, headers);

        if (trusted)
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

    [Theory]
    [InlineData("localhost:80", Own)]
    [InlineData("LOCALHOST", Own)]
    [InlineData("localhost", "HTTP://LOCALHOST:80")]
    [InlineData("b\u00fccher.example", "http://xn--bcher-kva.example")]
    [InlineData("xn--bcher-kva.example:80", "http://xn--bcher-kva.example")]
    [InlineData("[::1]:80", "http://[::1]")]
    [InlineData("other.example", "HTTPS://App.Example.com:443")]
    public async Task Origin_counts_in_any_spelling(string host, string origin)
    {
        await using var app = new AuthServerApp(("Cors:Origins:0", Friend));
        var ada = await app.LogInAsync("ada");
        (await app.PostFromAsync(origin, "/refresh", ada.Pair.RefreshToken, null, ("Host", host))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Own_origin_over_tls_may_have_its_port()
    {
        await using var app = new AuthServerApp(ClientAddresses.AddTo, ("Proxies:Known:0", "10.0.0.1"));
        var ada = await app.LogInAsync("ada");
        (string, string)[] proxy =
        [
            ("Test-Client-Address", "10.0.0.1"), ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"),
        ];
        foreach (var (host, origin) in new[]
        {
            ("auth.example.com:443", "https://auth.example.com"), ("AUTH.example.com", "https://auth.example.com:443"),
        })
        {
            (await app.PostFromAsync(origin, "/refresh", ada.Pair.RefreshToken, null, [.. proxy, ("Host", host)]))
                .ShouldBe(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("localhost:80", "http://localhost:8080")]
    [InlineData("localhost", "https://localhost:80")]
    [InlineData("localhost", "http://localhost/")]
    [InlineData("localhost", "http://localhost/path")]
    [InlineData("localhost", "http://ada@localhost")]
    [InlineData("localhost", "http://localhost?")]
    [InlineData("localhost", "http://localhost.")]
    public async Task Refused_origin_is_logged_with_own(string host, string origin)
    {
        await using var app = new AuthServerApp(("Cors:Origins:0", Friend));
        var ada = await app.LogInAsync("ada");
        var refused = await app.PostFromAsync(origin, "/refresh", ada.Pair.RefreshToken, null, ("Host", host));
        await refused.ShouldBeProblemAsync(403, "cross_site");
        var line = Assert.Single(app.Log.Lines, line => line.Event == "cross_site_refused");
        Assert.Contains($"the page is of {origin}, ", line.Text, StringComparison.Ordinal);
        Assert.Contains($"neither http://{host} nor ", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_without_cookie_may_have_any_origin()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        const string evil = "https://evil.example";
        await (await app.PostFromAsync(evil, "/login", null, Credentials)).ShouldBePairAsync();
        await (await app.PostFromAsync(evil, "/refresh", null, new { ada.Pair.RefreshToken })).ShouldBePairAsync();
        (await app.PostFromAsync(evil, "/logout", null, new { ada.Pair.RefreshToken })).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Pages_of_listed_origins_alone_read_answers()
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
                    ["Authorization", "Retry-After", "X-Device-Token", "X-Refresh-Token"],
                    answer.Headers.GetValues("Access-Control-Expose-Headers").SelectMany(value => value.Split(',')).Order());
                Assert.Equal("Origin", Assert.Single(answer.Headers.Vary));
            }

            string?[] unlisted = [null, "null", "*", "https://evil.example", "http://app.example.com", Friend + ".evil.example"];
            foreach (var origin in unlisted)
            {
                var answer = await app.PostFromAsync(origin, path);
                Assert.DoesNotContain(answer.Headers, IsCrossOrigin);
                Assert.Equal("Origin", Assert.Single(answer.Headers.Vary));
            }
        }
    }

    [Theory]
    [InlineData(Friend, "POST", "content-type", true)]
    [InlineData(Friend, "DELETE", "authorization", true)]
    [InlineData(Friend, "GET", "authorization,x-refresh-token", true)]
    [InlineData(Friend, "GET", "authorization,baggage,traceparent,tracestate", true)]
    [InlineData(Friend, "POST", "content-type,sentry-trace,x-requested-with", true)]
    [InlineData("https://evil.example", "POST", "content-type", false)]
    public async Task Preflight_is_answered_for_listed_origins(string origin, string method, string headers, bool allowed)
    {
        await using var app = new AuthServerApp(
            ("Cors:Origins:0", Friend), ("Cors:Headers:0", "sentry-trace"), ("Cors:Headers:1", "X-Requested-With"));
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
            var names = ListOf("Access-Control-Allow-Headers").ToHashSet(StringComparer.OrdinalIgnoreCase);
            Assert.Superset(headers.Split(',').ToHashSet(StringComparer.OrdinalIgnoreCase), names);
            Assert.Contains(method, ListOf("Access-Control-Allow-Methods"));
        }

        IEnumerable<string> ListOf(string name) => answer.Headers.GetValues(name).SelectMany(value => value.Split(','));
    }

    [Fact]
    public async Task Errors_outside_routes_are_read_by_listed_origins_too()
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
    public async Task Without_list_answers_have_no_headers_about_origins()
    {
        await using var app = new AuthServerApp();
        var answer = await app.PostFromAsync(Friend, "/login");
        Assert.DoesNotContain(answer.Headers, header => IsCrossOrigin(header) || header.Key == "Vary");
    }

    private static bool IsCrossOrigin(KeyValuePair<string, IEnumerable<string>> header) =>
        header.Key.StartsWith("Access-Control-", StringComparison.Ordinal);

    private static async Task<int> SessionsOfAsync(LoggedInDevice user) =>
        (await (await user.GetAsync("/sessions")).ShouldBeJsonAsync()).GetProperty("sessions").GetArrayLength();
}
