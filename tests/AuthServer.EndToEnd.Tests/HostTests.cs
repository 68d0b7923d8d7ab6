using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>Values of <c>Host</c>, which every client can choose. Spans and log lines have them too.</summary>
public sealed class HostTests(VerboseServer server) : IClassFixture<VerboseServer>
{
    private static readonly (string Method, string Path)[] Others =
    [
        ("GET", "/"), ("GET", "/account/account.js"), ("GET", "/docs"), ("GET", "/docs/"), ("GET", "/docs/scalar.js"),
        ("GET", "/openapi/v1.json"), ("GET", "/metrics"), ("GET", "/nothing"), ("POST", "/login?transport=cookie"),
    ];

    private static readonly string[] Versions = ["1.1", "1.0"];
    private static readonly string[] Origins = ["http://xn--", "http://localhost"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Host: xn--")]
    [InlineData("Host: xn--a")]
    [InlineData("Host: xn--a:5080")]
    [InlineData("Host: auth.xn--")]
    [InlineData("Host: xn--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("Host:")]
    [InlineData("Host: a..b")]
    [InlineData("Host: .")]
    [InlineData("Host: -")]
    [InlineData("Host: [::1")]
    [InlineData("Host: [::1]")]
    [InlineData("Host: [::1]:99999")]
    [InlineData("Host: a:99999")]
    [InlineData("Host: a@b")]
    [InlineData("Host: %00")]
    [InlineData("Host: é.example")]
    [InlineData("Host: a\r\nHost: xn--")]
    [InlineData("X-Forwarded-Host: xn--")]
    public Task Any_host_is_answered_on_every_route(string header) => ShouldBeAnsweredAsync("", header);

    [Fact]
    public Task Long_host_is_answered_on_every_route() => ShouldBeAnsweredAsync("", "Host: " + new string('a', 300));

    [Theory]
    [InlineData("http://xn--")]
    [InlineData("http://xn--a:99999")]
    [InlineData("http://[::1]")]
    public Task Any_address_in_request_line_is_answered_on_every_route(string address) =>
        ShouldBeAnsweredAsync(address, "Host: " + address["http://".Length..]);

    [Fact]
    public async Task Document_is_sent_to_host_that_only_looks_internationalized() => Assert.Equal(
        200, await StatusOfAsync("GET /openapi/v1.json HTTP/1.1\r\nHost: xn--\r\nConnection: close\r\n\r\n"));

    private async Task ShouldBeAnsweredAsync(string address, string header)
    {
        var document = JsonDocument.Parse(await server.Http.GetStringAsync("/openapi/v1.json", Ct)).RootElement;
        var routes =
            from path in document.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            select (Method: operation.Name.ToUpperInvariant(), Path: path.Name.Replace("{id}", "0", StringComparison.Ordinal));
        var requests =
            from route in routes.Concat(Others)
            from version in Versions
            from origin in Origins
            select $"{route.Method} {address}{route.Path} HTTP/{version}\r\n{header}\r\nOrigin: {origin}\r\n"
                + "Cookie: __Host-refresh=a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        foreach (var request in requests)
        {
            Assert.InRange(await StatusOfAsync(request), 200, 499);
        }

        Assert.DoesNotContain(server.Output, line => line.Contains("Unhandled exception", StringComparison.OrdinalIgnoreCase));
    }

    // A connection that is closed without an answer has no status.
    private async Task<int> StatusOfAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Http.BaseAddress!.Port, Ct);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), Ct);
        using var reader = new StreamReader(stream);
        var line = await reader.ReadLineAsync(Ct);
        return int.TryParse(line?.Split(' ')[1], out var status) ? status : 0;
    }
}
