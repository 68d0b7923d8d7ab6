using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>
/// A proxy that terminates TLS in front of a server, keeps <c>Host</c> and adds <c>X-Forwarded-Proto</c>. It serves one request
/// per connection, so it parses only the request line.
/// </summary>
public sealed class TlsProxy : IAsyncDisposable
{
    private readonly LoopbackListener listener;
    private readonly X509Certificate2 certificate = NewCertificate();
    private readonly Uri server;

    public TlsProxy(Uri server)
    {
        this.server = server;
        listener = new LoopbackListener(ServeAsync);
    }

    /// <summary>The address on which the proxy listens.</summary>
    public Uri Address => new($"https://localhost:{listener.Port}");

    public async ValueTask DisposeAsync()
    {
        await listener.DisposeAsync();
        certificate.Dispose();
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private async Task ServeAsync(TcpClient accepted)
    {
        try
        {
            using var client = accepted;
            await using var secure = new SslStream(client.GetStream());
            await secure.AuthenticateAsServerAsync(certificate);
            using var upstream = new TcpClient();
            await upstream.ConnectAsync(server.Host, server.Port);
            var stream = upstream.GetStream();
            var reader = new byte[64 * 1024];
            var read = await secure.ReadAsync(reader);
            var first = Encoding.Latin1.GetString(reader, 0, read);
            var headers = first.IndexOf("\r\n", StringComparison.Ordinal) + 2;
            var changed = first.Insert(headers, "X-Forwarded-Proto: https\r\nConnection: close\r\n")
                .Replace("Connection: keep-alive\r\n", "", StringComparison.OrdinalIgnoreCase);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(changed));
            await Task.WhenAny(secure.CopyToAsync(stream), stream.CopyToAsync(secure));
        }
        catch (Exception fault) when (fault is IOException or SocketException or AuthenticationException)
        {
            // The browser closed the connection, or rejected the certificate.
        }
    }
}
