using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Headers of every answer by which browsers protect users.</summary>
public sealed class SecurityHeaderTests(SharedApp shared) : IClassFixture<SharedApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/docs")]
    [InlineData("GET", "/openapi/v1.json")]
    [InlineData("GET", "/health/live")]
    [InlineData("GET", "/health/ready")]
    [InlineData("GET", "/health/traffic")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/me")]
    [InlineData("POST", "/me")]
    [InlineData("GET", "/sessions")]
    [InlineData("POST", "/login")]
    [InlineData("POST", "/register")]
    [InlineData("POST", "/refresh")]
    [InlineData("POST", "/logout")]
    [InlineData("GET", "/nothing")]
    public async Task Answer_is_never_stored_sniffed_or_framed(string method, string path)
    {
        var token = (await shared.App.LogInAsync("headers")).Pair.AccessToken;
        foreach (var authorization in new[] { null, "Bearer " + token })
        {
            using var client = shared.App.CreateClient(new() { AllowAutoRedirect = false });
            var response = await client.SendAsync(new HttpMethod(method), path, authorization);
            Assert.True(response.Headers.CacheControl?.NoStore);
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
            Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Cross-Origin-Resource-Policy")));
            Assert.False(response.Headers.Contains("Strict-Transport-Security"));
            var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
            Assert.False(response.Headers.Contains("Server") || response.Headers.Contains("X-Powered-By"));
        }
    }

    [Theory]
    [InlineData("/", true)]
    [InlineData("/docs", true)]
    [InlineData("/me", false)]
    [InlineData("/nothing", false)]
    public async Task Answer_over_tls_asks_for_tls_and_page_is_isolated(string path, bool isPage)
    {
        using var client = shared.App.CreateClient(new() { BaseAddress = new Uri("https://localhost") });
        var response = await client.GetAsync(path, Ct);
        Assert.Equal("max-age=31536000", Assert.Single(response.Headers.GetValues("Strict-Transport-Security")));
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("base-uri 'none'", policy, StringComparison.Ordinal);
        Assert.Equal(isPage, response.Headers.Contains("Cross-Origin-Opener-Policy"));
        Assert.Equal(isPage, response.Headers.Contains("Permissions-Policy"));
    }
}
