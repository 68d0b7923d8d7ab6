using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>The guide's examples of proxies, with TLS, in front of a server that knows its proxy.</summary>
public sealed class BalancerTests : IAsyncLifetime
{
    private const string ClientAddress = "127.0.0.2";

    private readonly DataFolder data = new();
    private readonly int port = LoopbackPort.Free();
    private ServerProcess? server;
    private X509Certificate2? certificate;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Folder => data.Root;

    private int ServerPort => server!.Http.BaseAddress!.Port;

    public async ValueTask InitializeAsync() => server = await ServerProcess.StartAsync(data, "Proxies:Known:0=127.0.0.1");

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        certificate?.Dispose();
        data.Dispose();
    }

    [Fact]
    public async Task Nginx_of_guide_works()
    {
        WriteCertificate();
        var example = Guide.Snippet("nginx", "server_name auth.")
            .Replace("listen 443 ssl", $"listen 127.0.0.1:{port} ssl", StringComparison.Ordinal)
            .Replace("auth.example.com.", Folder + "/auth.example.com.", StringComparison.Ordinal)
            .Replace("127.0.0.1:5080", $"127.0.0.1:{ServerPort}", StringComparison.Ordinal);
        await using var nginx = await BalancerProcess.StartNginxAsync(Folder, example, port);
        await UseAsync();
    }

    [Fact]
    public async Task Haproxy_of_guide_works()
    {
        WriteCertificate();
        var path = Path.Combine(Folder, "haproxy.cfg");
        var example = Guide.Snippet("haproxy")
            .Replace("bind :443", $"bind 127.0.0.1:{port}", StringComparison.Ordinal)
            .Replace("/etc/haproxy/", Folder + "/", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, Regex.Replace(example, @"10\.0\.0\.1\d:5080", $"127.0.0.1:{ServerPort}"), Ct);
        await using var haproxy = await BalancerProcess.StartAsync("haproxy", ["-db", "-f", path], port);
        await UseAsync();
    }

    private async Task UseAsync()
    {
        // Connects from another address than the proxy's, which is a known proxy, and accepts only the certificate of this test.
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, ct) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(ClientAddress), 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions =
            {
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback =
                    (_, presented, _, _) => presented?.GetCertHashString() == certificate!.GetCertHashString(),
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{port}") };
        await http.RegisterAsync("ada");

        // The server sets the cookie only if the proxy forwards that the request was made by HTTPS.
        using var login = new HttpRequestMessage(HttpMethod.Post, "/login?transport=cookie")
        {
            Content = JsonContent.Create(new { username = "ada", HttpAssertions.Password }),
            Headers = { { "Origin", $"https://localhost:{port}" }, { "X-Forwarded-For", "198.51.100.7" } },
        };
        var response = await http.SendAsync(login, Ct);
        var tokens = JsonDocument.Parse(await response.ShouldBeAsync(HttpStatusCode.OK)).RootElement;
        Assert.All(
            response.Headers.GetValues("Set-Cookie"),
            cookie => Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Equal("max-age=31536000", Assert.Single(response.Headers.GetValues("Strict-Transport-Security")));

        // The session has the address from which the proxy was called, not the one that the client forged.
        using var sessions = new HttpRequestMessage(HttpMethod.Get, "/sessions");
        sessions.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.GetProperty("accessToken").GetString());
        var list = JsonDocument.Parse(await (await http.SendAsync(sessions, Ct)).ShouldBeAsync(HttpStatusCode.OK)).RootElement;
        Assert.Equal(ClientAddress, list.GetProperty("sessions")[0].GetProperty("ipAddress").GetString());

        using var refresh = new HttpRequestMessage(HttpMethod.Post, "/refresh?transport=cookie");
        refresh.Headers.Add("Origin", $"https://localhost:{port}");
        await (await http.SendAsync(refresh, Ct)).ShouldBeAsync(HttpStatusCode.OK);

        var pair = await http.LogInAsync("ada");
        pair = await http.RefreshAsync(pair.RefreshToken);
        await http.LogOutAsync(pair.RefreshToken);
        await (await http.PresentAsync(pair.RefreshToken)).ShouldBeLoggedOutAsync();

        foreach (var path in new[] { "/metrics", "/METRICS", "/%6detrics", "/metrics/" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(path, Ct)).StatusCode);
        }
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (publicPem, privatePem) = (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(Folder, "auth.example.com.crt"), publicPem);
        File.WriteAllText(Path.Combine(Folder, "auth.example.com.key"), privatePem);
        File.WriteAllText(Path.Combine(Folder, "auth.example.com.pem"), $"{publicPem}\n{privatePem}\n");
    }
}
