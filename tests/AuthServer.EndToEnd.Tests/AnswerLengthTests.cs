using System.Net.Http.Headers;
using System.Net.Http.Json;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>On Kestrel, for a test server sends no bytes whose number could be wrong.</summary>
public sealed class AnswerLengthTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("body")]
    [InlineData("header")]
    [InlineData("cookie")]
    public async Task Token_pair_says_how_long_it_is_in_every_transport(string transport)
    {
        await server.Http.RegisterAsync("ada-" + transport);
        var login = await SendAsync(HttpMethod.Post, "/login?transport=" + transport, new { username = "ada-" + transport, HttpAssertions.Password });
        var other = await server.Http.LogInAsync("ada-" + transport);
        await SendAsync(HttpMethod.Post, "/refresh?transport=" + transport, new { other.RefreshToken });
        Assert.Equal(transport == "header", login.Headers.Contains("X-Refresh-Token"));
    }

    [Fact]
    public async Task Caller_and_health_say_how_long_they_are()
    {
        await server.Http.RegisterAsync("ada");
        var pair = await server.Http.LogInAsync("ada");
        await SendAsync(HttpMethod.Get, "/me", body: null, pair.AccessToken);
        await SendAsync(HttpMethod.Get, "/health/live", body: null);
        await SendAsync(HttpMethod.Get, "/health/ready", body: null);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, string? accessToken = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Origin", server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        request.Headers.Authorization = accessToken is null ? null : new AuthenticationHeaderValue("Bearer", accessToken);

        // Before the body is there: afterwards the client counts by itself.
        var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.True(response.IsSuccessStatusCode, $"{path} {(int)response.StatusCode}");
        Assert.Null(response.Headers.TransferEncodingChunked);
        var said = response.Content.Headers.ContentLength;
        Assert.Equal((await response.Content.ReadAsByteArrayAsync(Ct)).Length, said);
        return response;
    }
}
