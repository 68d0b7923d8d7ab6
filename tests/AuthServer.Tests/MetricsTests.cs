using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;

namespace AuthServer.Tests;

/// <summary>
/// The metrics of a scrape. Each server of a process measures all meters of one name, so no other tests may run beside these.
/// They stay one class, because that class is the collection which runs alone.
/// </summary>
[Collection(nameof(MetricsTests))]
[CollectionDefinition(nameof(MetricsTests), DisableParallelization = true)]
public sealed partial class MetricsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scrape_is_prometheus_text_that_is_not_stored()
    {
        await using var app = NewApp();
        var response = await app.CreateClient().GetAsync("/metrics", Ct);
        response.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        var text = await response.Content.ReadAsStringAsync(Ct);
        Assert.Contains("# TYPE dotnet_gc_collections_total counter\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scrape_by_another_method_is_refused()
    {
        await using var app = NewApp();
        var response = await app.CreateClient().PostAsync("/metrics", new { });
        await response.ShouldBeProblemAsync(405, "method_not_allowed");
        Assert.Equal(["GET"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Scrape_is_exempt_from_rate_limits()
    {
        await using var app = NewApp(("RateLimits:Enabled", "true"));
        var http = app.CreateClient();
        HttpResponseMessage last;
        do
        {
            last = await http.PostAsync("/login", new { username = "ada" });
        }
        while (last.StatusCode == HttpStatusCode.BadRequest);
        last.ShouldBe(HttpStatusCode.TooManyRequests);
        (await http.GetAsync("/metrics", Ct)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Logins_are_counted_by_outcome()
    {
        await using var app = NewApp(("Sessions:MaxPerUser", "1"), ("Sessions:WhenFull", "refuse"));
        var ada = await app.LogInAsync("ada");
        await LogInAsync(ada.Http, "ada", AuthServerApp.Password);
        await LogInAsync(ada.Http, "ada", "wrong");
        await LogInAsync(ada.Http, "nobody", "wrong");
        await LogInAsync(ada.Http, "ada", password: null);
        Assert.Equal(
            [
                ("invalid_credentials", 2),
                ("invalid_request", 1),
                ("success", 1),
                ("too_many_sessions", 1),
            ],
            ByTag(await ScrapeAsync(app), "authserver_logins_total", "outcome"));
    }

    [Fact]
    public async Task Refreshes_are_counted_by_decision()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        var first = ada.Pair.RefreshToken;
        await ada.RefreshAsync();
        await ada.PresentAsync(first);
        await ada.PresentAsync("forged");
        await ada.Http.PostAsync("/refresh", new { });
        var bob = await app.LogInAsync("bob");
        await bob.SendAsync(HttpMethod.Post, "/refresh", new { ada.Pair.RefreshToken });
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await ada.RefreshAsync(first);
        await ada.RefreshAsync();
        await ada.PresentAsync(first);
        await ada.PresentAsync(first);
        await app.InDatabaseAsync(db => db.Sessions.Where(s => s.Id == ada.SessionId).ExecuteDeleteAsync(Ct));
        await ada.PresentAsync(first);
        var second = (await bob.RefreshAsync()).RefreshToken;
        await app.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.Generation, 0u), Ct));
        await bob.PresentAsync(second);
        var carol = await app.LogInAsync("carol");
        await app.InDatabaseAsync(db =>
            db.Users.Where(u => u.Username == "carol").ExecuteUpdateAsync(set => set.SetProperty(u => u.Disabled, true), Ct));
        await carol.PresentAsync(carol.Pair.RefreshToken);
        var dan = await app.LogInAsync("dan");
        app.Clock.Advance(TimeSpan.FromDays(14));
        await dan.PresentAsync(dan.Pair.RefreshToken);
        Assert.Equal(
            [
                ("disabled", 1),
                ("ended", 1),
                ("expired", 1),
                ("invalid", 1),
                ("late_retry", 1),
                ("mismatched", 1),
                ("missing", 1),
                ("recovered", 1),
                ("repeated", 1),
                ("reused", 1),
                ("rotated", 3),
                ("unknown", 1),
            ],
            ByTag(await ScrapeAsync(app), "authserver_refreshes_total", "decision"));
    }

    [Fact]
    public async Task Ended_sessions_are_counted_by_reason_and_remembered_ones_in_all()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        await ada.LogoutAsync();
        await ada.LogoutAsync();
        var everywhere = await app.LogInAsync("ada");
        await app.LogInAsync("ada");
        await everywhere.SendAsync(HttpMethod.Post, "/logout/all");
        var scrape = await ScrapeAsync(app);
        Assert.Equal([("logout", 1), ("logout_all", 2)], ByTag(scrape, "authserver_sessions_ended_total", "reason"));
        Assert.Equal(3, ValueOf(scrape, "authserver_sessions_ended_remembered"));
    }

    [Fact]
    public async Task Logins_and_refreshes_are_counted_while_database_is_away()
    {
        var probe = new DatabaseProbe();
        await using var app = NewApp(services => probe.AddTo(services));
        var ada = await app.LogInAsync("ada");
        probe.CommandFault = TestDatabase.Away;
        await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(503, "unavailable");
        var login = await ada.Http.PostAsync("/login", new { username = "ada", password = AuthServerApp.Password });
        await login.ShouldBeProblemAsync(503, "unavailable");
        probe.CommandFault = null;

        var scrape = await ScrapeAsync(app);
        Assert.Equal([("success", 1), ("unavailable", 1)], ByTag(scrape, "authserver_logins_total", "outcome"));
        Assert.Equal([("unavailable", 1)], ByTag(scrape, "authserver_refreshes_total", "decision"));
    }

    [Fact]
    public async Task Batch_shows_its_size_and_longest_wait()
    {
        await using var app = NewApp();
        var sessions = new[] { await app.LogInAsync("ada"), await app.LogInAsync("bob"), await app.LogInAsync("carol") };
        var queue = app.Get<SessionCommandQueue>();
        var waiting = 0.0;
        List<Task<RefreshResult>> refreshes = [];
        await await app.InOneBatchAsync(async () =>
        {
            var client = new ClientInfo(null, null);
            refreshes.AddRange(sessions.Select(s => queue.RefreshAsync(new RefreshToken(s.SessionId, 0), client)));

            // In no figure, because that would disclose that the account exists.
            app.Get<EventCounter>().Count(new SecurityEvent(EventKind.LoginFailed, client, Guid.NewGuid()));
            app.Clock.Advance(TimeSpan.FromSeconds(3));
            waiting = ValueOf(await ScrapeAsync(app), "authserver_writer_queue_length");
        });
        await Task.WhenAll(refreshes);
        var scrape = await ScrapeAsync(app);

        Assert.Equal(3, waiting);
        Assert.Equal(0, ValueOf(scrape, "authserver_writer_queue_length"));
        Assert.Equal(2, ValueOf(scrape, "authserver_writer_batch_size_count"));
        Assert.Equal(4, ValueOf(scrape, "authserver_writer_batch_size_sum"));
        Assert.Equal(1, ValueOf(scrape, "authserver_writer_batch_size_bucket{le=\"1\"}"));
        Assert.Equal(6, ValueOf(scrape, "authserver_writer_queue_wait_seconds_sum"));
        Assert.Equal(2, ValueOf(scrape, "authserver_writer_commit_duration_seconds_count"));
    }

    [Fact]
    public async Task Password_hashes_are_all_measured()
    {
        await using var app = NewApp();
        await app.LogInAsync("ada");
        var scrape = await ScrapeAsync(app);
        Assert.Equal(2, ValueOf(scrape, "authserver_hashing_wait_seconds_count"));
        Assert.Equal(2, ValueOf(scrape, "authserver_hashing_duration_seconds_count"));
        Assert.Equal(0, ValueOf(scrape, "authserver_hashing_queue_length"));
    }

    [Fact]
    public async Task Requests_are_measured_by_route_except_scrapes()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        await ada.SendAsync(HttpMethod.Delete, "/sessions/" + ada.SessionId);
        await ScrapeAsync(app);
        var scrape = await ScrapeAsync(app);
        var routes = ByTag(scrape, "http_server_request_duration_seconds_count", "http_route").ToList();
        Assert.Equal([("/login", 1), ("/register", 1), ("/sessions/{id}", 1)], routes);
        Assert.Contains(scrape.Keys, series => series.StartsWith("http_", StringComparison.Ordinal)
            && series.Contains("le=\"0.0005\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_hold_no_name_and_no_token()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada.lovelace", deviceName: "difference engine");
        await ada.GetAsync("/me?access_token=" + ada.Pair.AccessToken);
        await ada.SendAsync(HttpMethod.Delete, "/sessions/" + Guid.NewGuid());
        await ada.GetAsync("/unknown/" + ada.Pair.RefreshToken);
        await ada.RefreshAsync();
        await LogInAsync(ada.Http, "ada.lovelace", "wrong");
        await ada.LogoutAsync();

        // All tags, so that a new one is considered before it is added here.
        string[] known =
        [
            "aspnetcore_request_is_unhandled", "cpu_mode", "decision", "error_type", "gc_heap_generation", "http_request_method",
            "http_response_status_code", "http_route", "le", "network_protocol_version", "outcome", "reason", "url_scheme",
        ];
        var scrape = await ScrapeAsync(app);
        var series = scrape.Keys.Where(name => !name.StartsWith("target_info", StringComparison.Ordinal)).ToList();
        Assert.Empty(series.SelectMany(name => Tags().Matches(name)).Select(tag => tag.Groups[1].Value).Distinct().Except(known));
        string[] secrets =
            ["ada", "difference", "wrong", "127.0.0.1", "::1", .. ada.Pair.AccessToken.Split('.'), ada.Pair.RefreshToken];
        Assert.All(
            secrets, secret => Assert.DoesNotContain(scrape.Keys, name => name.Contains(secret, StringComparison.Ordinal)));
        Assert.DoesNotContain(series, name => Ids().IsMatch(name));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("True")]
    public async Task Disabled_sdk_removes_scrapes_and_server_works(string disabled)
    {
        await using var app = NewApp(("OTEL_SDK_DISABLED", disabled));
        var ada = await app.LogInAsync("ada");
        await ada.RefreshAsync();
        await (await ada.GetAsync("/metrics")).ShouldBeProblemAsync(404, "not_found");
    }

    [Fact]
    public async Task Service_name_is_taken_from_environment()
    {
        await using (var app = NewApp())
        {
            var scrape = await ScrapeAsync(app);
            Assert.Contains(scrape.Keys, name => name.Contains("service_name=\"authserver\"", StringComparison.Ordinal));
        }

        await using (var app = NewApp(
            ("OTEL_SERVICE_NAME", "login"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging")))
        {
            var scrape = await ScrapeAsync(app);
            var info = Assert.Single(scrape.Keys, name => name.StartsWith("target_info", StringComparison.Ordinal));
            Assert.Contains("service_name=\"login\"", info, StringComparison.Ordinal);
            Assert.Contains("deployment_environment_name=\"staging\"", info, StringComparison.Ordinal);
        }
    }

    // The exporter repeats an answer for 300 ms.
    private static AuthServerApp NewApp(params (string, string)[] settings) => NewApp(_ => { }, settings);

    private static AuthServerApp NewApp(Action<IServiceCollection> configure, params (string, string)[] settings) => new(
        configure + (services =>
            services.PostConfigure<PrometheusAspNetCoreOptions>(o => o.ScrapeResponseCacheDurationMilliseconds = 0)),
        [("Metrics:AllowRemote", "true"), .. settings]);

    private static Task<HttpResponseMessage> LogInAsync(HttpClient http, string username, string? password) =>
        http.PostAsync("/login", new { username, password });

    /// <summary>The value of each series.</summary>
    private static async Task<Dictionary<string, double>> ScrapeAsync(AuthServerApp app)
    {
        using var http = app.CreateClient();
        return (await http.GetStringAsync("/metrics", Ct)).Split('\n')
            .Where(line => line is not "" && line[0] != '#')
            .Select(line => Series().Match(line).Groups)
            .ToDictionary(parts => parts[1].Value, parts => double.Parse(parts[2].Value, CultureInfo.InvariantCulture));
    }

    private static double ValueOf(Dictionary<string, double> scrape, string series) => scrape[series];

    private static IEnumerable<(string Value, double Count)> ByTag(Dictionary<string, double> scrape, string name, string tag) =>
        scrape
            .Where(series => series.Key.StartsWith(name + "{", StringComparison.Ordinal))
            .Select(series => (Regex.Match(series.Key, tag + "=\"([^\"]*)\"").Groups[1].Value, series.Value))
            .Order();

    [GeneratedRegex("^([^ {]+(?:\\{.+\\})?)(?:\\{\\})? (\\S+)$")]
    private static partial Regex Series();

    [GeneratedRegex("[{,]([a-z_]+)=")]
    private static partial Regex Tags();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-")]
    private static partial Regex Ids();
}
