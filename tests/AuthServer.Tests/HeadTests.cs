using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>HEAD, which monitors and proxies send in place of GET.</summary>
public sealed class HeadTests(SharedApp shared) : IClassFixture<SharedApp>
{
    [Theory]
    [InlineData("/", 200)]
    [InlineData("/health/live", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/docs", 200)]
    [InlineData("/me", 401)]
    [InlineData("/sessions", 401)]
    [InlineData("/login", 405)]
    [InlineData("/nothing", 404)]
    public async Task Head_has_status_and_headers_of_get(string path, int status)
    {
        using var http = shared.App.CreateClient();
        var head = await http.SendAsync(HttpMethod.Head, path);
        var get = await http.SendAsync(HttpMethod.Get, path);
        Assert.Equal((status, get.StatusCode), ((int)head.StatusCode, head.StatusCode));
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
    }
}
