using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
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

    private string Application => $"http://localhost:{gateway.BaseAddress!.Port}";

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
        var locations = Guide.Snippet("nginx", "auth_request /access")
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
    public async Task Nginx_of_guide_guards_application()
    {
        await using var server = await StartServerOfApplicationAsync();
        await using var echo = new HeaderEcho();
        await using var nginx = await BalancerProcess.StartNginxAsync(
            data.Root,
            HeaderEcho.GuardedBy(gateway.BaseAddress!.Port, server.Http.BaseAddress!.Port, echo.Port),
            gateway.BaseAddress.Port);
        var seen = await ShouldGuardAsync(server.Http);
        Assert.Contains(seen, line => line.StartsWith("Authorization: Bearer eyJ", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.GetAsync("/forward-auth", end.Token)).StatusCode);
    }

    [Fact]
    public async Task Caddy_of_guide_guards_application()
    {
        await using var server = await StartServerOfApplicationAsync();
        await using var echo = new HeaderEcho();
        var path = Path.Combine(data.Root, "Caddyfile");
        await File.WriteAllTextAsync(
            path,
            "{\n    admin off\n}\n" + Guide.Snippet("caddyfile")
                .Replace("app.example.com", $"http://localhost:{gateway.BaseAddress!.Port}", StringComparison.Ordinal)
                .Replace("127.0.0.1:5080", $"127.0.0.1:{server.Http.BaseAddress!.Port}", StringComparison.Ordinal)
                .Replace("127.0.0.1:5090", $"127.0.0.1:{echo.Port}", StringComparison.Ordinal),
            end.Token);
        await using var caddy = await BalancerProcess.StartAsync(
            "caddy", ["run", "--config", path, "--adapter", "caddyfile"], gateway.BaseAddress.Port);
        await ShouldGuardAsync(server.Http);
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

    private Task<ServerProcess> StartServerOfApplicationAsync() => ServerProcess.StartAsync(
        data,
        "ForwardAuth:Enabled=true",
        "ForwardAuth:Audience=orders",
        $"ForwardAuth:Origins:0={Application}",
        "Proxies:Known:0=127.0.0.1");

    // Returns the head of a request as the application sees it.
    private async Task<string[]> ShouldGuardAsync(HttpClient server)
    {
        await server.RegisterAsync("ada");
        var cookie = await LogInByCookieAsync(server);
        Assert.DoesNotContain(
            await SendOwnHeadersAsync(cookie),
            line => line.StartsWith("X-Auth-Email:", StringComparison.Ordinal) && line.TrimEnd()[^1] != ':');
        Assert.Equal(0, (await CommandRun.RunAsync(data, "", "users", "set-email", "ada", "Ada@example.org")).Code);
        cookie = await LogInByCookieAsync(server);
        var seen = await SendOwnHeadersAsync(cookie);
        Assert.Contains("X-Auth-Email: ada%40example.org", seen);
        Assert.Equal("X-Auth-User: ada", await OpenSocketAsync(cookie, Application));
        await Assert.ThrowsAsync<WebSocketException>(() => OpenSocketAsync(cookie, "https://evil.example"));
        await Assert.ThrowsAsync<WebSocketException>(() => OpenSocketAsync("theme=dark", Application));

        await ShouldBeSentToLoginAsync(Application + "/board?page=2");
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(cookie, "https://evil.example"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(cookie, Application));
        using var logout = new HttpRequestMessage(HttpMethod.Post, "/logout");
        logout.Headers.Add("Cookie", cookie);
        logout.Headers.Add("Sec-Fetch-Site", "same-origin");
        await (await server.SendAsync(logout, end.Token)).ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(cookie, Application));
        return seen;
    }

    // Whatever a client sends by these names, and the cookies, the application gets what the server says. Returns that.
    private async Task<string[]> SendOwnHeadersAsync(string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/board?page=2");
        request.Headers.Add("Cookie", $"theme=dark; {cookie}");
        foreach (var name in new[] { "User", "Id", "Name", "Roles", "Email" })
        {
            request.Headers.Add($"X-Auth-{name}", "admin");
        }

        request.Headers.Add("X_Auth_User", "admin");
        request.Headers.Add("X.Auth.User", "admin");
        request.Headers.Add("Upgrade", "h2c");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        request.Headers.Add("X-Forwarded-Uri", "/evil");
        request.Headers.Add("X-Forwarded-For", "203.0.113.66");
        using var answer = await gateway.SendAsync(request, end.Token);
        var seen = (await answer.ShouldBeAsync(HttpStatusCode.OK)).Split('\n');
        Assert.Contains("GET /board?page=2 HTTP/1.1", seen);
        Assert.Contains("X-Auth-User: ada", seen);
        Assert.Contains("X-Auth-Name: ada", seen);
        Assert.DoesNotContain(seen, line => line.Contains("admin", StringComparison.Ordinal));
        Assert.DoesNotContain(seen, line => line.Contains("evil", StringComparison.Ordinal));
        Assert.DoesNotContain(seen, line => line.Contains("h2c", StringComparison.Ordinal));
        Assert.DoesNotContain(seen, line => line.StartsWith("Cookie", StringComparison.OrdinalIgnoreCase));
        return seen;
    }

    // Returns the message of the application.
    private async Task<string> OpenSocketAsync(string cookie, string origin)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", cookie);
        socket.Options.SetRequestHeader("Origin", origin);
        await socket.ConnectAsync(new Uri($"ws://localhost:{gateway.BaseAddress!.Port}/board"), end.Token);
        var buffer = new byte[256];
        var message = await socket.ReceiveAsync(buffer, end.Token);
        return Encoding.ASCII.GetString(buffer.AsSpan(0, message.Count));
    }

    private async Task<string> LogInByCookieAsync(HttpClient server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login?transport=session")
        {
            Content = JsonContent.Create(new { username = "ada", password = HttpAssertions.Password }),
        };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var login = await server.SendAsync(request, end.Token);
        await login.ShouldBeAsync(HttpStatusCode.OK);
        return login.Headers.GetValues("Set-Cookie")
            .Single(cookie => cookie.StartsWith("__Host-session=", StringComparison.Ordinal)).Split(';')[0];
    }

    private async Task ShouldBeSentToLoginAsync(string address)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var browser = new HttpClient(handler);
        using var answer = await browser.GetAsync(address, end.Token);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.EndsWith(
            "/?return_to=" + Uri.EscapeDataString(address), answer.Headers.Location?.OriginalString, StringComparison.Ordinal);
        using var script = new HttpRequestMessage(HttpMethod.Get, address);
        script.Headers.Add("Sec-Fetch-Mode", "cors");
        using var refused = await browser.SendAsync(script, end.Token);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private async Task<HttpStatusCode> PostAsync(string cookie, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/board") { Content = new StringContent("text") };
        request.Headers.Add("Cookie", cookie);
        request.Headers.Add("Origin", origin);
        using var answer = await gateway.SendAsync(request, end.Token);
        return answer.StatusCode;
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
