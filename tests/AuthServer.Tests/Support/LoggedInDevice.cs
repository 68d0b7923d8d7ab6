using System.Net.Http.Headers;
using System.Text.Json;

namespace AuthServer.Tests.Support;

/// <summary>A token pair as the contract shows it.</summary>
public sealed record Pair(
    string TokenType, string AccessToken, int ExpiresIn, string RefreshToken, long RefreshExpiresIn, Guid SessionId);

/// <summary>A device that has logged in: a client with its newest token pair.</summary>
public sealed class LoggedInDevice(HttpClient http, Pair pair)
{
    public HttpClient Http => http;

    public Pair Pair { get; private set; } = pair;

    public Guid SessionId => Pair.SessionId;

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>Sends a request with the access token.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Pair.AccessToken) },
            Content = body is null ? null : HttpAssertions.Json(body),
        };
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Presents a refresh token and keeps the current pair.</summary>
    public Task<HttpResponseMessage> PresentAsync(string refreshToken) => http.PostAsync("/refresh", new { refreshToken });

    /// <summary>Refreshes, which must succeed, and keeps the new pair.</summary>
    public Task<Pair> RefreshAsync() => RefreshAsync(Pair.RefreshToken);

    /// <summary>Presents a refresh token, which must succeed, and keeps the new pair.</summary>
    public async Task<Pair> RefreshAsync(string refreshToken) =>
        Pair = await (await PresentAsync(refreshToken)).ShouldBePairAsync();

    public Task<HttpResponseMessage> LogoutAsync() => http.PostAsync("/logout", new { Pair.RefreshToken });

    /// <summary>The claims of the access token.</summary>
    public JsonElement Claims => JsonDocument.Parse(
        System.Buffers.Text.Base64Url.DecodeFromChars(Pair.AccessToken.Split('.')[1])).RootElement;
}
