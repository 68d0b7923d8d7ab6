using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A web server with one page for all paths, whose origin differs from that of the server under test.</summary>
public sealed class StaticPage : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Task serving;

    public StaticPage()
    {
        listener.Start();
        serving = ServeAsync();
    }

    /// <summary>The HTML of the page. A change takes effect at the next request.</summary>
    public string Html { get; set; } = "";

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        listener.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                while (await reader.ReadLineAsync() is { Length: > 0 })
                {
                    // The response does not depend on the request.
                }

                var body = Encoding.UTF8.GetBytes("<!doctype html><link rel=icon href=data:,>" + Html);
                var head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                    + $"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n";
                await stream.WriteAsync((byte[])[.. Encoding.Latin1.GetBytes(head), .. body]);
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // The listener has been stopped.
        }
    }
}
