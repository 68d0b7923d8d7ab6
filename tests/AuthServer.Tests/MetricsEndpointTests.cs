using System.Net;
using System.Net.Sockets;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace AuthServer.Tests;

/// <summary>The callers that may scrape metrics, and the address that metrics can have to themselves.</summary>
public sealed class MetricsEndpointTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("127.0.0.2", 200)]
    [InlineData("::1", 200)]
    [InlineData("::ffff:127.0.0.2", 200)]
    [InlineData("203.0.113.7", 404)]
    [InlineData("10.0.0.7", 404)]
    [InlineData(null, 404)]
    public async Task Other_machines_find_no_metrics(string? address, int status)
    {
        await using var app = new AuthServerApp();
        Assert.Equal(status, await ScrapeAsync(app, address));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-For", "")]
    [InlineData("Forwarded", "for=203.0.113.7")]
    public async Task Proxy_on_same_machine_finds_no_metrics(string header, string value)
    {
        foreach (var known in new[] { "127.0.0.1", "10.0.0.1" })
        {
            await using var app = new AuthServerApp(("Proxies:Known:0", known));
            Assert.Equal(404, await ScrapeAsync(app, "127.0.0.1", header, value));
        }
    }

    [Fact]
    public async Task Other_machines_find_metrics_if_they_are_allowed()
    {
        await using var app = new AuthServerApp(("Metrics:AllowRemote", "true"));
        Assert.Equal(200, await ScrapeAsync(app, "203.0.113.7"));
        Assert.Equal(200, await ScrapeAsync(app, "127.0.0.1", "X-Forwarded-For", "203.0.113.7"));
    }

    [Fact]
    public async Task Address_of_metrics_answers_scrapes_and_nothing_else()
    {
        await using var app = new AuthServerApp(("Metrics:Url", "http://127.0.0.1:0"), ("Metrics:AllowRemote", "true"));
        using var server = app.CreateClient();
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync("/metrics", Ct)).StatusCode);
        Assert.Equal(404, await ScrapeAsync(app, "127.0.0.1"));
        using var http = new HttpClient { BaseAddress = AddressOf(app) };

        var scrape = await http.GetAsync("/metrics", Ct);
        Assert.Equal(HttpStatusCode.OK, scrape.StatusCode);
        Assert.Equal("text/plain", scrape.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", scrape.Headers.CacheControl?.ToString());
        Assert.Contains("authserver_hashing_queue_length", await scrape.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/metrics"), Ct);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Ct));

        foreach (var path in new[] { "/", "/me", "/health/live", "/metrics/more", "/login" })
        {
            await (await http.GetAsync(path, Ct)).ShouldBeProblemAsync(404, "not_found");
        }

        await (await http.PostAsync("/metrics", new { })).ShouldBeProblemAsync(404, "not_found");
    }

    [Fact]
    public async Task Server_without_telemetry_opens_no_address_for_metrics()
    {
        await using var app = new AuthServerApp(("Metrics:Url", "http://127.0.0.1:0"), ("OTEL_SDK_DISABLED", "true"));
        using var http = app.CreateClient();
        (await http.GetAsync("/health/live", Ct)).ShouldBe(HttpStatusCode.OK);
        Assert.DoesNotContain(app.Log.Lines, line => line.Event == "MetricsServed");
    }

    [Fact]
    public void Address_of_metrics_that_is_taken_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var refusal = FailedStart.Of(() => new AuthServerApp(("Metrics:Url", $"http://{taken.LocalEndpoint}")));
        Assert.Contains($"{taken.LocalEndpoint}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Metrics:Url", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>The address that the metrics of a server have to themselves.</summary>
    internal static Uri AddressOf(AuthServerApp app)
    {
        var line = Assert.Single(app.Log.Lines, line => line.Event == "MetricsServed");
        return new Uri(line.Text.Split(' ')[^1]);
    }

    private static async Task<int> ScrapeAsync(AuthServerApp app, string? address, string? header = null, string? value = null)
    {
        var answered = await app.Server.SendAsync(
            http =>
            {
                http.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
                http.Request.Method = HttpMethods.Get;
                http.Request.Path = "/metrics";
                if (header is not null)
                {
                    http.Request.Headers[header] = value;
                }
            },
            Ct);
        return answered.Response.StatusCode;
    }
}
