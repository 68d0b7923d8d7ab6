using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A token pair, the response to a login or a refresh.</summary>
public sealed record Pair(
    string TokenType, string AccessToken, int ExpiresIn, string RefreshToken, long RefreshExpiresIn, Guid SessionId);

/// <summary>Requests to the server, and assertions on its responses.</summary>
public static class HttpAssertions
{
    public const string Password = "correct horse battery staple";

    public static Task<HttpResponseMessage> PostAsync(this HttpClient http, string path, object body) =>
        http.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);

    /// <summary>Calls the private route <c>GET /me</c>.</summary>
    public static async Task<HttpResponseMessage> GetMeAsync(this HttpClient http, string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", accessToken) },
        };
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static async Task RegisterAsync(this HttpClient http, string username) =>
        await (await http.PostUntilAvailableAsync("/register", username)).ShouldBeAsync(HttpStatusCode.Created);

    public static async Task<Pair> LogInAsync(this HttpClient http, string username) =>
        await (await http.PostUntilAvailableAsync("/login", username)).ShouldBePairAsync();

    // The first requests of a node on a busy machine may take longer than its timeouts of the database.
    private static async Task<HttpResponseMessage> PostUntilAvailableAsync(this HttpClient http, string path, string username)
    {
        while (true)
        {
            var response = await http.PostAsync(path, new { username, password = Password });
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                return response;
            }

            response.Dispose();
        }
    }

    /// <summary>Presents a refresh token, without an assertion on the response.</summary>
    public static Task<HttpResponseMessage> PresentAsync(this HttpClient http, string refreshToken) =>
        http.PostAsync("/refresh", new { refreshToken });

    public static async Task<Pair> RefreshAsync(this HttpClient http, string refreshToken) =>
        await (await http.PresentAsync(refreshToken)).ShouldBePairAsync();

    public static async Task LogOutAsync(this HttpClient http, string refreshToken) =>
        await (await http.PostAsync("/logout", new { refreshToken })).ShouldBeAsync(HttpStatusCode.NoContent);

    /// <summary>Ends all sessions of a user, as one more device.</summary>
    public static async Task LogOutEverywhereAsync(this HttpClient http, string username)
    {
        var device = await http.LogInAsync(username);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/logout/all")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", device.AccessToken) },
        };
        var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        await response.ShouldBeAsync(HttpStatusCode.NoContent);
    }

    public static async Task<string> ShouldBeAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        return text;
    }

    public static async Task<Pair> ShouldBePairAsync(this HttpResponseMessage response) =>
        JsonSerializer.Deserialize<Pair>(await response.ShouldBeAsync(HttpStatusCode.OK), JsonSerializerOptions.Web)!;

    /// <summary>Asserts that a response has a status and an error code. Returns its body.</summary>
    public static async Task<JsonElement> ShouldBeProblemAsync(
        this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var problem = JsonDocument.Parse(await response.ShouldBeAsync(status)).RootElement;
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(code, problem.GetProperty("code").GetString());
        return problem;
    }

    /// <summary>Asserts that a response is <c>session_ended</c> because of a logout.</summary>
    public static async Task ShouldBeLoggedOutAsync(this HttpResponseMessage response)
    {
        var problem = await response.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
        Assert.Equal("logout", problem.GetProperty("reason").GetString());
    }
}
