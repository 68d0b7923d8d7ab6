using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using AuthServer.EndToEnd.Tests.Cluster;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>The gateways of the guide, in front of a back end that answers each request with a page.</summary>
public sealed class GatewaySnippetTests(Checkout checkout) : IClassFixture<Checkout>, IAsyncDisposable
{
    private readonly DataFolder data = new();
    private readonly StaticPage orders = new() { Html = "The orders" };

    // Only makes a test fail that waits for an answer which never comes.
    private readonly CancellationTokenSource end = new(TimeSpan.FromMinutes(5));
    private readonly HttpClient gateway = new() { BaseAddress = new Uri($"http://localhost:{LoopbackPort.Free()}") };

    public async ValueTask DisposeAsync()
    {
        end.Dispose();
        gateway.Dispose();
        await orders.DisposeAsync();
        data.Dispose();
    }

    [Fact]
    public async Task Nginx_of_guide_asks_server_about_each_request()
    {
        await using var server = await ServerProcess.StartAsync(data, "Tokens:AccessLifetime=00:05:00");
        var port = gateway.BaseAddress!.Port;
        var locations = Guide.Snippet("nginx", "auth_request")
            .Replace("127.0.0.1:5080", $"127.0.0.1:{server.Http.BaseAddress!.Port}", StringComparison.Ordinal)
            .Replace("127.0.0.1:5090", $"127.0.0.1:{orders.Port}", StringComparison.Ordinal);
        await using var nginx = await BalancerProcess.StartNginxAsync(
            data.Root, $"server {{ listen 127.0.0.1:{port};\n{locations}}}", port);
        var pair = await LogInAsync(server.Http);
        await ShouldPassAsync(pair.AccessToken);
        await ShouldBeRefusedAsync("");
        await ShouldBeRefusedAsync(pair.RefreshToken);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.GetAsync("/access", end.Token)).StatusCode);
        await server.Http.LogOutAsync(pair.RefreshToken);
        await ShouldBeRefusedAsync(pair.AccessToken);
    }

    [Fact]
    public async Task Yarp_of_guide_refuses_ended_session()
    {
        var issuer = $"http://localhost:{LoopbackPort.Free()}";
        await using var server = await ServerProcess.StartAsync(
            data,
            "urls=" + issuer,
            "Tokens:Issuer=" + issuer,
            "Tokens:Algorithm=ES256");
        await checkout.RunLinesAsync(Guide.Snippet("bash", "-o ../Gateway\n"));
        await checkout.WriteAsync("../Gateway/Program.cs", Guide.Snippet("csharp", "AddReverseProxy")
            .WithServer(new Uri(issuer))
            .Replace("localhost:5090", $"localhost:{orders.Port}", StringComparison.Ordinal));
        await checkout.RunAsync("dotnet build ../Gateway");
        var added = await CommandRun.RunAsync(data, "", "resources", "add", "gateway");
        var start = Guide.Snippet("bash", "--project ../Gateway").Split('\n')[1]
            .Replace("…", Assert.Single(added.Output), StringComparison.Ordinal)
            .Replace("http://localhost:8080", $"{gateway.BaseAddress}", StringComparison.Ordinal);
        using var yarp = Process.Start(checkout.StartOf(start))!;
        try
        {
            while (await HealthAsync() != "Healthy")
            {
                Assert.False(yarp.HasExited, yarp.HasExited ? await yarp.StandardOutput.ReadToEndAsync(end.Token) : "");
            }

            var pair = await LogInAsync(server.Http);
            await ShouldPassAsync(pair.AccessToken);
            await ShouldBeRefusedAsync("");
            await ShouldBeRefusedAsync(pair.RefreshToken);
            await server.Http.LogOutAsync(pair.RefreshToken);
            string text;
            do
            {
                using var answer = await AskAsync(pair.AccessToken);
                text = await answer.Content.ReadAsStringAsync(end.Token);
            }
            while (text.Contains(orders.Html, StringComparison.Ordinal));
            Assert.Contains("session_ended", text, StringComparison.Ordinal);
        }
        finally
        {
            yarp.Kill(entireProcessTree: true);
            await yarp.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<Pair> LogInAsync(HttpClient server)
    {
        await server.RegisterAsync("ada");
        return await server.LogInAsync("ada");
    }

    private async Task<string?> HealthAsync()
    {
        try
        {
            return await gateway.GetStringAsync("/health", end.Token);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task<HttpResponseMessage> AskAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders/1");
        request.Headers.Authorization = accessToken.Length > 0 ? new AuthenticationHeaderValue("Bearer", accessToken) : null;
        return await gateway.SendAsync(request, end.Token);
    }

    private async Task ShouldPassAsync(string accessToken) => Assert.Contains(
        orders.Html, await (await AskAsync(accessToken)).ShouldBeAsync(HttpStatusCode.OK), StringComparison.Ordinal);

    private async Task ShouldBeRefusedAsync(string accessToken)
    {
        using var answer = await AskAsync(accessToken);
        await answer.ShouldBeAsync(HttpStatusCode.Unauthorized);
        Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
    }
}
