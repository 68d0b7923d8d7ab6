using System.Net;
using System.Net.Sockets;
using System.Text;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace AuthServer.Tests;

/// <summary>Limits of connections, on Kestrel. The shortest timeouts are two seconds, by the clock of Kestrel.</summary>
public sealed class ConnectionTests
{
    private const string Head =
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_beyond_limit_is_closed_and_others_work()
    {
        await using var app = NewApp(("Connections:Max", "2"));
        using var first = await ConnectAsync(app);
        using var second = await ConnectAsync(app);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(first), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(second), StringComparison.Ordinal);
        Assert.Equal("", await ConnectAndAskAsync(app));
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(first), StringComparison.Ordinal);
    }

    // Each connection is an open file, whatever address it came to.
    [Fact]
    public async Task Limit_is_one_for_all_addresses()
    {
        await using var app = NewApp(("Connections:Max", "1"), ("Metrics:Url", "http://127.0.0.1:0"));
        using var http = app.CreateClient();
        using var scrape = new TcpClient();
        await scrape.ConnectAsync("127.0.0.1", MetricsEndpointTests.AddressOf(app).Port, Ct);
        Assert.StartsWith("HTTP/1.1 ", await AskAsync(scrape), StringComparison.Ordinal);
        Assert.Equal("", await ConnectAndAskAsync(app));
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\n")]
    [InlineData("Content-Length: 100\r\n\r\n{\"username\":")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\n{\"use")]
    public async Task Slow_body_is_answered_with_408_and_connection_is_closed(string sent)
    {
        await using var app = NewApp(("Connections:RequestTimeout", "00:00:02"));
        using var connection = await ConnectAsync(app);
        var answer = await SendAsync(connection, Head + sent);
        Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"invalid_request\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"errors\":{}", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_head_is_answered_with_408_and_connection_is_closed()
    {
        await using var app = NewApp(("Connections:RequestTimeout", "00:00:02"));
        using var connection = await ConnectAsync(app);
        var answer = await SendAsync(connection, "POST /login HTTP/1.1\r\nHost: local");
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Idle_connection_is_closed_after_its_answer()
    {
        await using var app = NewApp(("Connections:IdleTimeout", "00:00:02"));
        using var connection = await ConnectAsync(app);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(connection), StringComparison.Ordinal);
        Assert.Equal("", await SendAsync(connection, ""));
    }

    // "100 Continue" is sent when the server begins to read the body.
    [Fact]
    public async Task Slow_body_does_not_outlive_its_access_token()
    {
        await using var app = NewApp();
        var token = (await app.LogInAsync("ada")).Pair.AccessToken;
        using var connection = await ConnectAsync(app);
        using var reader = new StreamReader(connection.GetStream(), Encoding.Latin1);
        await WriteAsync(connection, "PATCH /me HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + $"Authorization: Bearer {token}\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 21\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync(Ct));
        app.Clock.Advance(TimeSpan.FromSeconds(21));
        await WriteAsync(connection, """{"displayName":"Ada"}""");
        var answer = await reader.ReadToEndAsync(Ct);
        Assert.Contains("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"access_token_expired\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16 * 1024, false, HttpStatusCode.BadRequest)]
    [InlineData((16 * 1024) + 1, true, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Largest_body_of_private_route_is_read_whole(int size, bool isChunked, HttpStatusCode status)
    {
        await using var app = NewApp();
        var device = await app.LogInAsync("ada");
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/me")
        {
            Headers = { Authorization = new("Bearer", device.Pair.AccessToken), TransferEncodingChunked = isChunked },
            Content = new StringContent(
                $$"""{"displayName":"{{new string('a', size - 18)}}"}""", Encoding.UTF8, "application/json"),
        };
        using var http = app.CreateClient();
        (await http.SendAsync(request, Ct)).ShouldBe(status);
    }

    // The defaults of Kestrel would close the connections of the other tests too, only later.
    [Fact]
    public async Task Timeouts_of_Kestrel_are_those_of_settings()
    {
        await using var app = new AuthServerApp(
            ("Connections:RequestTimeout", "00:00:03"), ("Connections:IdleTimeout", "00:00:04"));
        var limits = app.Get<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Equal(TimeSpan.FromSeconds(3), limits.RequestHeadersTimeout);
        Assert.Equal(TimeSpan.FromSeconds(3), limits.MinRequestBodyDataRate?.GracePeriod);
        Assert.Equal(TimeSpan.FromSeconds(4), limits.KeepAliveTimeout);
    }

    private static AuthServerApp NewApp(params (string, string)[] settings)
    {
        var app = new AuthServerApp(settings);
        app.UseKestrel(0);
        return app;
    }

    private static async Task<TcpClient> ConnectAsync(AuthServerApp app)
    {
        using var http = app.CreateClient();
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", http.BaseAddress!.Port, Ct);
        return client;
    }

    /// <summary>Sends a request and returns the first part of the answer; empty if the connection is closed.</summary>
    private static async Task<string> AskAsync(TcpClient client)
    {
        var answer = new byte[4096];
        try
        {
            await client.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Ct);
            return Encoding.Latin1.GetString(answer, 0, await client.GetStream().ReadAsync(answer, Ct));
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Sends a request on a new connection, which may be closed before it is used.</summary>
    private static async Task<string> ConnectAndAskAsync(AuthServerApp app)
    {
        try
        {
            using var client = await ConnectAsync(app);
            return await AskAsync(client);
        }
        catch (SocketException)
        {
            return "";
        }
    }

    private static Task WriteAsync(TcpClient client, string text) =>
        client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text), Ct).AsTask();

    /// <summary>Sends text and returns all that comes until the connection is closed.</summary>
    private static async Task<string> SendAsync(TcpClient client, string text)
    {
        await WriteAsync(client, text);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync(Ct);
    }
}
