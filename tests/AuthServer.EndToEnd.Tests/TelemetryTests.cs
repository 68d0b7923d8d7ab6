using System.Net.Http.Headers;
using System.Text;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>What the server sends by OTLP. It sends the last of it when it stops, so nothing has to be waited for.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_traces_and_logs_arrive_and_hold_no_secret()
    {
        await using var collector = new Collector();
        var secrets = await VisitAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", $"{collector.Address}"));
        var received = collector.Received;
        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], received.Select(path => path.Key).Order());
        Assert.All(received, path => Assert.Contains(path, body => body.Contains("authserver-under-test", StringComparison.Ordinal)));
        ShouldHold(received["/v1/metrics"], "authserver.logins", "authserver.writer.commit.duration", "http.server.request.duration");
        ShouldHold(received["/v1/traces"], "POST /refresh", "http.response.status_code", "hash password", "write batch");
        Assert.DoesNotContain(received["/v1/traces"], body => body.Contains("/health", StringComparison.Ordinal));
        ShouldHold(received["/v1/logs"], "AuthServer listens on http://127.0.0.1:");

        var all = received.SelectMany(path => path).ToList();
        Assert.All(secrets, secret => Assert.DoesNotContain(all, body => body.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task Signal_with_an_endpoint_of_its_own_is_sent_alone()
    {
        await using var collector = new Collector();
        await VisitAsync(
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", $"{collector.Address}own/path"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-tenant=42"));
        var traces = Assert.Single(collector.Received);
        Assert.Equal("/own/path", traces.Key);
        ShouldHold(traces, "x-tenant: 42", "POST /refresh");
    }

    [Fact]
    public async Task Disabled_sdk_sends_nothing()
    {
        await using var collector = new Collector();
        await VisitAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", $"{collector.Address}"), ("OTEL_SDK_DISABLED", "true"));
        Assert.Empty(collector.Received);
    }

    [Fact]
    public async Task Collector_that_is_away_harms_nobody()
    {
        var collector = new Collector();
        await collector.DisposeAsync();
        await VisitAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", $"{collector.Address}"));
    }

    private static void ShouldHold(IEnumerable<string> bodies, params string[] texts) =>
        Assert.All(texts, text => Assert.Contains(bodies, body => body.Contains(text, StringComparison.Ordinal)));

    /// <summary>Starts a server, goes the way of an account with some wrong turns, and stops it.</summary>
    /// <returns>What must not be seen of it.</returns>
    private static async Task<IReadOnlyList<string>> VisitAsync(params (string Name, string Value)[] variables)
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data)
        {
            Variables = variables
                .Append(("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"))
                .Append(("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"))
                .Append(("OTEL_SERVICE_NAME", "authserver-under-test"))
                .ToDictionary(),
        });
        var http = server.Http;
        await http.RegisterAsync("ada");
        var first = await http.LogInAsync("ada");
        var second = await http.RefreshAsync(first.RefreshToken);
        await http.GetMeAsync(second.AccessToken);
        await http.GetAsync("/me?access_token=" + second.AccessToken, Ct);
        await http.PostAsync("/refresh?" + first.RefreshToken, new { });
        await http.PostAsync("/login", new { username = "ada", password = "a wrong password" });
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes("ada:" + HttpAssertions.Password));
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/login"))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", basic);
            await (await http.SendAsync(request, Ct)).ShouldBePairAsync();
        }

        using (var request = new HttpRequestMessage(HttpMethod.Post, "/refresh"))
        {
            request.Headers.Add("Cookie", "__Host-refresh=" + second.RefreshToken);
            request.Headers.Add("X-Refresh-Token", second.RefreshToken);
            await http.SendAsync(request, Ct);
        }

        await http.LogOutAsync(second.RefreshToken);
        await server.TerminateAsync();
        Assert.Equal(0, (await server.ExitAsync()).Code);

        // The signature is what makes an access token one.
        return
        [
            HttpAssertions.Password, "a wrong password", basic, first.RefreshToken, second.RefreshToken,
            first.AccessToken.Split('.')[2], second.AccessToken.Split('.')[2],
        ];
    }
}
