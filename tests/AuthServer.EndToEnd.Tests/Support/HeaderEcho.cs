using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>
/// An application that answers each request with its own head, as text. To a WebSocket it sends the line that names the user.
/// </summary>
public sealed class HeaderEcho : IAsyncDisposable
{
    private readonly LoopbackListener listener = new(ServeAsync);

    public int Port => listener.Port;

    /// <summary>The nginx of the guide that guards an application, without TLS.</summary>
    /// <param name="port">The loopback port on which it listens.</param>
    /// <param name="server">The port of the server.</param>
    /// <param name="application">The port of the application.</param>
    public static string GuardedBy(int port, int server, int application) => Guide.Snippet("nginx", "location @login")
        .Replace("listen 443 ssl", $"listen 127.0.0.1:{port}", StringComparison.Ordinal)
        .Replace("server_name app.example.com;", "server_name localhost;", StringComparison.Ordinal)
        .Replace("ssl_certificate", "# ssl_certificate", StringComparison.Ordinal)
        .Replace("127.0.0.1:5080", $"127.0.0.1:{server}", StringComparison.Ordinal)
        .Replace("127.0.0.1:5090", $"127.0.0.1:{application}", StringComparison.Ordinal);

    public ValueTask DisposeAsync() => listener.DisposeAsync();

    private static async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var head = new StringBuilder();
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
            {
                head.Append(line).Append('\n');
            }

            if (ValueOf("Sec-WebSocket-Key", head) is { } key)
            {
                await stream.WriteAsync(Greet(key, $"X-Auth-User: {ValueOf("X-Auth-User", head)}"));
                return;
            }

            var start = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                + $"Content-Length: {head.Length}\r\nConnection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.Latin1.GetBytes(start + head));
        }
    }

    private static string? ValueOf(string name, StringBuilder head) => head.ToString().Split('\n')
        .FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];

    // The answer to a handshake, and one short message. Source: RFC 6455 §1.3 and §5.2.
    private static byte[] Greet(string key, string message)
    {
#pragma warning disable CA5350 // The RFC has SHA-1, which protects nothing here.
        var accept = SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
        var head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Accept: {Convert.ToBase64String(accept)}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), 0x81, (byte)message.Length, .. Encoding.ASCII.GetBytes(message)];
    }
}
