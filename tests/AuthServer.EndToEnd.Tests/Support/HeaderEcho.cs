using System.Net.Sockets;
using System.Text;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>An application that answers each request with its own head, as text.</summary>
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

            var start = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                + $"Content-Length: {head.Length}\r\nConnection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.Latin1.GetBytes(start + head));
        }
    }
}
