using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>The client's address behind proxies.</summary>
public sealed class ProxyTests
{
    private const string Forwarded = "198.51.100.7, 203.0.113.9";

    [Theory]
    [InlineData(null, "127.0.0.1")]
    [InlineData("127.0.0.1", "203.0.113.9")]
    [InlineData("127.0.0.0/8", "203.0.113.9")]
    [InlineData("10.0.0.1", "127.0.0.1")]
    public async Task Forwarded_address_is_accepted_only_from_known_proxy(string? known, string address)
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data, known is null ? [] : [$"Proxies:Known:0={known}"]);
        Assert.Equal(address, await AddressOfLoginAsync(server));
    }

    [Fact]
    public async Task Framework_variable_does_not_enable_forwarded_addresses()
    {
        using var data = new DataFolder();
        var variables = new Dictionary<string, string> { ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true" };
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data) { Variables = variables });
        Assert.Equal("127.0.0.1", await AddressOfLoginAsync(server));
    }

    private static async Task<string?> AddressOfLoginAsync(ServerProcess server)
    {
        await server.Http.RegisterAsync("ada");
        server.Http.DefaultRequestHeaders.Add("X-Forwarded-For", Forwarded);
        var pair = await server.Http.LogInAsync("ada");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sessions")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", pair.AccessToken) },
        };
        var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var sessions = JsonDocument.Parse(await response.ShouldBeAsync(HttpStatusCode.OK)).RootElement.GetProperty("sessions");
        return sessions[0].GetProperty("ipAddress").GetString();
    }
}
