using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>Methods that differ from those of a route in case alone. Source: RFC 9110 §9.1.</summary>
public sealed class MethodTests : IAsyncLifetime
{
    private const string Friend = "https://app.example.com";

    private readonly AuthServerApp app = new(("Cors:Origins:0", Friend));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    [Fact]
    public async Task Method_in_another_case_is_not_allowed_on_any_route()
    {
        using var http = app.CreateClient();
        var routes = RouteTable.Of(app, "0");
        Assert.Contains("/refresh", routes.Select(route => route.Path));
        foreach (var (path, methods) in routes)
        {
            foreach (var method in methods.SelectMany(InOtherCases))
            {
                var response = await http.SendAsync(new HttpMethod(method), path);
                await response.ShouldBeProblemAsync(405, "method_not_allowed");
                Assert.Equal(methods, response.Content.Headers.Allow.Order());
            }
        }
    }

    [Theory]
    [InlineData("head", "/me", 405)]
    [InlineData("hEAD", "/", 405)]
    [InlineData("Head", "/nothing", 404)]
    [InlineData("get", "/nothing", 404)]
    [InlineData("gEt", "/ME", 405)]
    [InlineData("options", "/login", 405)]
    [InlineData("Options", "/me", 405)]
    [InlineData("OPTIONS", "/me", 204)]
    public async Task Method_of_page_of_other_origin_counts_in_one_case(string method, string path, int status)
    {
        using var http = app.CreateClient();
        http.DefaultRequestHeaders.Add("Origin", Friend);
        http.DefaultRequestHeaders.Add("Access-Control-Request-Method", "POST");
        Assert.Equal(status, (int)(await http.SendAsync(new HttpMethod(method), path)).StatusCode);
    }

    private static string[] InOtherCases(string method) =>
        [method.ToLowerInvariant(), method[0] + method[1..].ToLowerInvariant(), char.ToLowerInvariant(method[0]) + method[1..]];
}
