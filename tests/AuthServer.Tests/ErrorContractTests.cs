using System.Net;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Tests.Support;
using AuthServer.Tokens;

namespace AuthServer.Tests;

/// <summary>
/// Every error code of the contract, over HTTP. <c>invalid_request</c> has a class of its own, <see cref="MalformedBodyTests"/>.
/// </summary>
public sealed class ErrorContractTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private const string Password = AuthServerApp.Password;

    [Fact]
    public async Task Document_of_another_name_is_not_found() =>
        await (await http.GetAsync("/openapi/v2.json", Ct)).ShouldBeProblemAsync(404, "not_found");

    // The table of the contract.
    private static readonly Dictionary<string, int> Statuses = new()
    {
        ["invalid_request"] = 400,
        ["token_mismatch"] = 400,
        ["invalid_credentials"] = 401,
        ["access_token_missing"] = 401,
        ["access_token_expired"] = 401,
        ["access_token_invalid"] = 401,
        ["session_invalid"] = 401,
        ["session_ended"] = 401,
        ["refresh_token_missing"] = 401,
        ["refresh_token_invalid"] = 401,
        ["refresh_token_expired"] = 401,
        ["refresh_token_reused"] = 401,
        ["link_invalid"] = 400,
        ["external_login_failed"] = 400,
        ["second_factor_required"] = 401,
        ["second_factor_invalid"] = 401,
        ["second_factor_setup_required"] = 403,
        ["forbidden"] = 403,
        ["reauthentication_required"] = 403,
        ["email_unverified"] = 403,
        ["cross_site"] = 403,
        ["registration_closed"] = 403,
        ["not_found"] = 404,
        ["username_taken"] = 409,
        ["email_taken"] = 409,
        ["last_credential"] = 409,
        ["last_admin"] = 409,
        ["too_many_sessions"] = 409,
        ["method_not_allowed"] = 405,
        ["body_too_large"] = 413,
        ["unsupported_media_type"] = 415,
        ["too_many_requests"] = 429,
        ["internal_error"] = 500,
        ["unavailable"] = 503,
    };

    private readonly HttpClient http = shared.App.CreateClient();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_code_has_status_of_contract()
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            var described = AuthProblems.Describe(code);
            Assert.Equal(Statuses[AuthProblems.Name(code)], described.Status);
            Assert.NotEmpty(described.Title);
            Assert.NotEmpty(described.Detail);
            Assert.Equal(described.Status == 401, described.Challenge is not null);
            Assert.Equal(described.Status == 503, described.RetryAfter is not null);
        }
    }

    [Fact]
    public void Every_code_has_words_of_its_own()
    {
        var described = Enum.GetValues<ErrorCode>().Select(AuthProblems.Describe).ToList();
        Assert.Equal(described.Count, described.Select(d => d.Title).Distinct().Count());
        Assert.Equal(described.Count, described.Select(d => d.Detail).Distinct().Count());
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/me/x")]
    [InlineData("/register/..;/me")]
    [InlineData("/sessions/a/b")]
    [InlineData("/appsettings.json")]
    public async Task Address_that_is_not_there_is_not_found(string path) =>
        await (await http.SendAsync(HttpMethod.Get, path)).ShouldBeProblemAsync(404, "not_found");

    [Fact]
    public async Task Session_of_another_user_is_not_found_and_lives_on()
    {
        var (ada, eve) = (await shared.App.LogInAsync("not-found-ada"), await shared.App.LogInAsync("not-found-eve"));
        string[] ids =
            [$"{Guid.NewGuid()}", $"{Guid.Empty}", "x", "1", $"{{{ada.SessionId}}}", $"{ada.SessionId:N}", $"{eve.SessionId}"];
        foreach (var id in ids)
        {
            await (await ada.SendAsync(HttpMethod.Delete, "/sessions/" + id)).ShouldBeProblemAsync(404, "not_found");
        }

        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        (await eve.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Method_that_route_lacks_is_not_allowed_and_answer_lists_its_methods()
    {
        var routes = RouteTable.Of(shared.App, "v1");
        Assert.Contains("/register", routes.Select(route => route.Path));
        foreach (var (path, methods) in routes)
        {
            var response = await http.SendAsync(new HttpMethod("BREW"), path);
            await response.ShouldBeProblemAsync(405, "method_not_allowed");
            Assert.Equal(methods, response.Content.Headers.Allow.Order());
        }
    }

    [Theory]
    [InlineData("GET", "/login", "POST")]
    [InlineData("PUT", "/register", "POST")]
    [InlineData("POST", "/me/export", "GET")]
    [InlineData("GET", "/logout/all", "POST")]
    [InlineData("GET", "/sessions/0", "DELETE")]
    public async Task Method_is_checked_before_token(string method, string path, string allowed)
    {
        var response = await http.SendAsync(new HttpMethod(method), path);
        await response.ShouldBeProblemAsync(405, "method_not_allowed");
        Assert.Equal([allowed], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Body_over_16_KiB_is_too_large()
    {
        // TestServer has no limit.
        await using var app = new AuthServerApp();
        app.UseKestrel(0);
        var client = app.CreateClient();
        foreach (var chunked in new[] { false, true })
        {
            client.DefaultRequestHeaders.TransferEncodingChunked = chunked;
            foreach (var route in new[] { "/register", "/login", "/refresh", "/logout" })
            {
                // Kestrel counts the sizes of chunks too.
                var most = chunked ? 16_000 : 16 * 1024;
                var small = await client.SendAsync(HttpMethod.Post, route, content: BodyOf(most));
                await small.ShouldBeProblemAsync(400, "invalid_request");
                var large = await client.SendAsync(HttpMethod.Post, route, content: BodyOf((16 * 1024) + 1));
                await large.ShouldBeProblemAsync(413, "body_too_large");
            }
        }

        // Only its last member is wrong, so it has to be read to its end.
        static StringContent BodyOf(int length) => HttpAssertions.Text("{" + new string(' ', length - 7) + "\"x\":1}");
    }

    [Theory]
    [InlineData("/register", 60)]
    [InlineData("/login", 60)]
    [InlineData("/password", 60)]
    [InlineData("/password/strength", 600)]
    [InlineData("/reauthenticate", 60)]
    [InlineData("/refresh", 1000)]
    [InlineData("/logout", 1000)]
    public async Task Address_with_too_many_requests_is_answered_with_wait(string route, int burst)
    {
        await using var app = new AuthServerApp(("RateLimits:Enabled", "true"));
        var client = app.CreateClient();
        HttpResponseMessage response;
        var answered = 0;
        while ((response = await client.PostAsync(route)).StatusCode != HttpStatusCode.TooManyRequests)
        {
            // The bucket fills more slowly than the loop sends, on any machine.
            Assert.True(++answered < burst * 10);
        }

        Assert.InRange(answered, burst, burst * 10);
        await response.ShouldBeProblemAsync(429, "too_many_requests");
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        (await client.GetAsync("/health/live", Ct)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Defect_of_server_shows_nothing_but_its_trace()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        var ada = await app.LogInAsync("ada");
        probe.CommandFault = new InvalidOperationException("secret of the database");
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Get, "/sessions", null),
            (HttpMethod.Post, "/login", new { username = "ada", password = Password }),
            (HttpMethod.Post, "/refresh", new { ada.Pair.RefreshToken }),
        })
        {
            var response = await ada.SendAsync(method, path, body);
            var problem = await response.ShouldBeProblemAsync(500, "internal_error");
            var members = problem.EnumerateObject().Select(member => member.Name).Order();
            Assert.Equal(["code", "detail", "status", "title", "traceId", "type"], members);
            var text = response.Headers + problem.GetRawText();
            Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        }

        Assert.Equal(3, app.Log.Lines.Count(line => line.Event == "request_failed"));
        probe.CommandFault = null;
        await ada.RefreshAsync();
    }

    [Fact]
    public async Task Tokens_of_two_sessions_do_not_match_and_change_nothing()
    {
        var (one, other) = (await shared.App.LogInAsync("mismatch"), await shared.App.LogInAsync("mismatch"));
        foreach (var path in new[] { "/refresh", "/logout" })
        {
            var mixed = await one.SendAsync(HttpMethod.Post, path, new { other.Pair.RefreshToken });
            await mixed.ShouldBeProblemAsync(400, "token_mismatch");
            var body = HttpAssertions.Json(new { one.Pair.RefreshToken });
            var nonsense = await http.SendAsync(HttpMethod.Post, path, "Bearer nonsense", body);
            await nonsense.ShouldBeProblemAsync(400, "token_mismatch");
        }

        await one.RefreshAsync();
        await other.RefreshAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Refresh_token_of_another_server_is_invalid(string refreshToken) =>
        await (await http.PostAsync("/refresh", new { refreshToken })).ShouldBeProblemAsync(401, "refresh_token_invalid");

    [Fact]
    public async Task Refresh_token_of_unknown_session_is_invalid()
    {
        var token = new RefreshToken(Guid.NewGuid(), 0).Encode(shared.App.Get<ServerKeys>().Refresh);
        await (await http.PostAsync("/refresh", new { refreshToken = token })).ShouldBeProblemAsync(401, "refresh_token_invalid");
    }

    [Fact]
    public async Task Refresh_token_past_its_time_is_expired()
    {
        await using var app = new AuthServerApp(("Sessions:IdleLifetime", "00:01:00"));
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_expired");
    }

    [Fact]
    public async Task Refresh_token_older_than_newest_presented_is_reused()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var stolen = ada.Pair.RefreshToken;
        await ada.RefreshAsync();
        await ada.RefreshAsync();
        await (await ada.PresentAsync(stolen)).ShouldBeProblemAsync(401, "refresh_token_reused");
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(401, "refresh_token_reused");
    }

    [Fact]
    public async Task Login_beyond_largest_number_of_sessions_is_refused()
    {
        await using var app = new AuthServerApp(("Sessions:MaxPerUser", "1"), ("Sessions:WhenFull", "refuse"));
        var ada = await app.LogInAsync("ada");
        var refused = await app.CreateClient().PostAsync("/login", new { username = "ada", password = Password });
        await refused.ShouldBeProblemAsync(409, "too_many_sessions");
        await ada.RefreshAsync();
    }
}
