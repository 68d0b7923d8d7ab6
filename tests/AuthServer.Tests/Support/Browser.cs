namespace AuthServer.Tests.Support;

/// <summary>Requests with the headers that a browser adds by itself, and its refresh cookie.</summary>
public static class Browser
{
    /// <summary>The origin of the server under test.</summary>
    public const string Own = "http://localhost";

    public const string Cookie = "__Host-refresh";

    // The device cookie, which has tests of its own.
    private const string Device = "__Host-device=";

    /// <summary>Posts from a page of an origin, with the refresh cookie if there is one.</summary>
    public static async Task<HttpResponseMessage> PostFromAsync(
        this AuthServerApp app,
        string? origin,
        string path,
        string? refreshToken = null,
        object? body = null,
        params (string Name, string Value)[] headers)
    {
        using var client = app.CreateClient(new() { HandleCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = body is null ? null : HttpAssertions.Json(body),
        };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        if (refreshToken is not null)
        {
            request.Headers.Add("Cookie", $"other=1; {Cookie}={refreshToken}");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Checks the attributes of the refresh cookie that an answer sets, and returns its token.</summary>
    public static string ShouldSetCookie(this HttpResponseMessage response, long maxAge)
    {
        var cookies = response.Headers.GetValues("Set-Cookie")
            .Where(cookie => !cookie.StartsWith(Device, StringComparison.Ordinal));
        var parts = Assert.Single(cookies).Split("; ");
        Assert.Equal(
            ["httponly", $"max-age={maxAge}", "path=/", "samesite=strict", "secure"],
            parts.Skip(1).Select(p => p.ToLowerInvariant()).Order());
        Assert.StartsWith(Cookie + "=", parts[0], StringComparison.Ordinal);
        return parts[0][(Cookie.Length + 1)..];
    }

    /// <summary>Checks that an answer removes the cookie, with the attributes that a browser needs to do so.</summary>
    public static void ShouldExpireCookie(this HttpResponseMessage response)
    {
        var parts = Assert.Single(response.Headers.GetValues("Set-Cookie")).Split("; ");
        Assert.Equal(Cookie + "=", parts[0]);
        Assert.Equal(
            ["expires=thu, 01 jan 1970 00:00:00 gmt", "httponly", "path=/", "samesite=strict", "secure"],
            parts.Skip(1).Select(p => p.ToLowerInvariant()).Order());
    }
}
