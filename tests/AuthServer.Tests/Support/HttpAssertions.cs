using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace AuthServer.Tests.Support;

/// <summary>Assertions on answers, and the bodies of requests.</summary>
public static class HttpAssertions
{
    /// <summary>The JSON of clients: camelCase, and no unknown member.</summary>
    public static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public static StringContent Json(object body) => Text(JsonSerializer.Serialize(body, Web));

    public static StringContent Text(string json, string mediaType = "application/json") =>
        new(json, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));

    public static Task<HttpResponseMessage> PostAsync(this HttpClient http, string path, object? body = null) =>
        http.PostAsync(path, body is null ? null : Json(body), TestContext.Current.CancellationToken);

    /// <summary>Checks that an answer is a 200 and returns its body as JSON.</summary>
    public static async Task<JsonElement> ShouldBeJsonAsync(this HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{(int)response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Checks that an answer is a 200 and returns its body as a token pair.</summary>
    public static async Task<Pair> ShouldBePairAsync(this HttpResponseMessage response) =>
        (await response.ShouldBeJsonAsync()).Deserialize<Pair>(Web)!;

    /// <summary>Checks an answer against the contract of errors and returns its body.</summary>
    public static async Task<JsonElement> ShouldBeProblemAsync(this HttpResponseMessage response, int status, string code)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var hasCode = text.Contains($"\"{code}\"", StringComparison.Ordinal);
        Assert.True((int)response.StatusCode == status && hasCode, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal("urn:authserver:error:" + code, problem.GetProperty("type").GetString());
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.NotEmpty(problem.GetProperty("traceId").GetString()!);
        Assert.Equal(code == "invalid_request", problem.TryGetProperty("errors", out _));
        Assert.Equal(code == "session_ended", problem.TryGetProperty("reason", out _));
        Assert.Equal(status is 429 or 503, response.Headers.RetryAfter is not null);
        Assert.Equal(ChallengeOf(status, code), response.Headers.WwwAuthenticate.ToString());
        return problem;
    }

    /// <summary>Checks that an answer is <c>session_ended</c> with a reason.</summary>
    public static async Task ShouldBeEndedAsync(this HttpResponseMessage response, string reason)
    {
        var problem = await response.ShouldBeProblemAsync(401, "session_ended");
        Assert.Equal(reason, problem.GetProperty("reason").GetString());
    }

    public static void ShouldBe(this HttpResponseMessage response, HttpStatusCode status) =>
        Assert.Equal(status, response.StatusCode);

    // RFC 6750 §3.1: no error if no token was presented.
    private static string ChallengeOf(int status, string code) => (status, code) switch
    {
        (not 401, _) => "",
        (_, "access_token_missing" or "refresh_token_missing" or "invalid_credentials") => "Bearer",
        (_, "second_factor_required" or "second_factor_invalid") => "Bearer",
        (_, "access_token_expired") => "Bearer error=\"invalid_token\", error_description=\"expired\"",
        _ => "Bearer error=\"invalid_token\"",
    };
}
