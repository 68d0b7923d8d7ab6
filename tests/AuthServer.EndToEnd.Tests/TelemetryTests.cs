using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>Export by OTLP. The server flushes its export when it stops, so no test waits for it.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_traces_and_logs_are_exported_without_secrets()
    {
        await using var collector = new Collector();
        var secrets = await UseServerAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", $"{collector.Address}"));
        var received = collector.Received;
        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], received.Select(path => path.Key).Order());
        Assert.All(received, bodies => ShouldContain(bodies, "authserver-under-test"));
        ShouldContain(
            received["/v1/metrics"], "authserver.logins", "authserver.writer.commit.duration", "http.server.request.duration");
        ShouldContain(received["/v1/traces"], "POST /refresh", "http.response.status_code", "hash password", "write batch");
        Assert.DoesNotContain(received["/v1/traces"], body => body.Contains("/health", StringComparison.Ordinal));
        ShouldContain(received["/v1/logs"], "AuthServer listens on http://127.0.0.1:");

        var all = received.SelectMany(path => path).ToList();
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(all, body => body.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Only_signal_with_endpoint_is_exported()
    {
        await using var collector = new Collector();
        await UseServerAsync(
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", $"{collector.Address}own/path"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-tenant=42"));
        var traces = Assert.Single(collector.Received);
        Assert.Equal("/own/path", traces.Key);
        ShouldContain(traces, "x-tenant: 42", "POST /refresh");
    }

    [Theory]
    [InlineData("00-636c69656e742d74726163652d696421-636c69656e747370-01", true)]
    [InlineData("00-636c69656e742d74726163652d696421-636c69656e747370-00", true)]
    [InlineData("00-636c69656e742d74726163652d696421-0000000000000000-01", false)]
    [InlineData("00-client-trace-id!-clientsp-01", false)]
    public async Task Trace_of_client_is_linked_and_not_continued(string traceparent, bool isLinked)
    {
        await using var collector = new Collector();
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data)
        {
            Variables = new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = $"{collector.Address}v1/traces",
                ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf",
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
        request.Headers.Add("traceparent", traceparent);
        request.Headers.Add("tracestate", "vendor=state-of-client");
        request.Headers.Add("baggage", "user=" + string.Concat(Enumerable.Repeat("baggage-of-client", 1000)));
        var answer = await server.Http.SendAsync(request, Ct);
        var problem = await answer.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "access_token_missing");
        Assert.NotEqual("636c69656e742d74726163652d696421", problem.GetProperty("traceId").GetString());
        await server.TerminateAsync();
        await server.ExitAsync();

        // The id of the client's trace is readable text in the bytes of the link.
        var traces = string.Concat(collector.Received.SelectMany(path => path));
        Assert.Contains("GET /me", traces, StringComparison.Ordinal);
        Assert.Equal(isLinked, traces.Contains("client-trace-id!", StringComparison.Ordinal));
        Assert.DoesNotContain("-of-client", traces, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disabled_sdk_exports_nothing()
    {
        await using var collector = new Collector();
        await UseServerAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", $"{collector.Address}"), ("OTEL_SDK_DISABLED", "true"));
        Assert.Empty(collector.Received);
    }

    [Fact]
    public async Task Unreachable_collector_does_not_affect_server()
    {
        var collector = new Collector();
        await collector.DisposeAsync();
        await UseServerAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", $"{collector.Address}"));
    }

    private static void ShouldContain(IEnumerable<string> bodies, params string[] texts) =>
        Assert.All(texts, text => Assert.Contains(bodies, body => body.Contains(text, StringComparison.Ordinal)));

    /// <summary>Starts a server, sends requests of an account, some of which are refused, and stops the server.</summary>
    /// <returns>The secrets of the requests and their responses.</returns>
    private static async Task<IReadOnlyList<string>> UseServerAsync(params (string Name, string Value)[] variables)
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

        // The signature is the secret part of an access token.
        return
        [
            HttpAssertions.Password, "a wrong password", basic, first.RefreshToken, second.RefreshToken,
            first.AccessToken.Split('.')[2], second.AccessToken.Split('.')[2],
        ];
    }
}
