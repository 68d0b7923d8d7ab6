using System.Net.Http.Headers;
using System.Net.Http.Json;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>Content lengths, tested on Kestrel because the framework's test server sends no bytes.</summary>
public sealed class ContentLengthTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("body")]
    [InlineData("header")]
    [InlineData("cookie")]
    public async Task Token_pair_has_content_length_in_every_transport(string transport)
    {
        var username = "ada-" + transport;
        await server.Http.RegisterAsync(username);
        var login = await SendAsync(HttpMethod.Post, "/login?transport=" + transport, new { username, HttpAssertions.Password });
        var other = await server.Http.LogInAsync(username);
        await SendAsync(HttpMethod.Post, "/refresh?transport=" + transport, new { other.RefreshToken });
        Assert.Equal(transport == "header", login.Headers.Contains("X-Refresh-Token"));
    }

    [Fact]
    public async Task Private_route_and_health_have_content_length()
    {
        await server.Http.RegisterAsync("ada");
        var pair = await server.Http.LogInAsync("ada");
        await SendAsync(HttpMethod.Get, "/me", body: null, pair.AccessToken);
        await SendAsync(HttpMethod.Get, "/health/live", body: null);
        await SendAsync(HttpMethod.Get, "/health/ready", body: null);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Empty_body_in_chunks_is_none(string type)
    {
        var username = $"bob-{type.Length}";
        await server.Http.RegisterAsync(username);
        var pair = await server.Http.LogInAsync(username);
        using var connection = await RawConnection.OpenAsync(server.Http.BaseAddress!);
        var head = $"Host: localhost\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n";
        await connection.SendAsync($"POST /refresh HTTP/1.1\r\n{head}X-Refresh-Token: {pair.RefreshToken}\r\n\r\n0\r\n\r\n");
        Assert.Equal(200, (await connection.ReadAsync())?.Status);

        // Chunks with content are read as before.
        var body = $"{{\"refreshToken\":\"{pair.RefreshToken}\"}}";
        await connection.SendAsync($"POST /refresh HTTP/1.1\r\n{head}\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n");
        Assert.Equal(type == "application/json" ? 200 : 415, (await connection.ReadAsync())?.Status);
    }

    [Theory]
    [InlineData("POST /refresh")]
    [InlineData("POST /logout/all")]
    [InlineData("GET /health/live")]
    public async Task Chunk_of_impossible_size_is_bad_request(string line)
    {
        using var connection = await RawConnection.OpenAsync(server.Http.BaseAddress!);
        await connection.SendAsync(
            $"{line} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "FFFFFFFFFFFFFFFFF\r\n");
        Assert.Equal(400, (await connection.ReadAsync())?.Status);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, object? body, string? accessToken = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Origin", server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        request.Headers.Authorization = accessToken is null ? null : new AuthenticationHeaderValue("Bearer", accessToken);

        // Reads the header before the body, because HttpContent computes a missing length once the body is buffered.
        var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.True(response.IsSuccessStatusCode, $"{path} {(int)response.StatusCode}");
        Assert.Null(response.Headers.TransferEncodingChunked);
        var contentLength = response.Content.Headers.ContentLength;
        Assert.Equal((await response.Content.ReadAsByteArrayAsync(Ct)).Length, contentLength);
        return response;
    }
}
