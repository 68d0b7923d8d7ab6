using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>
/// An OTLP collector over HTTP. It keeps each request as text, because protobuf contains the strings in UTF-8.
/// </summary>
public sealed class Collector : IAsyncDisposable
{
    private readonly LoopbackListener listener;
    private readonly ConcurrentQueue<(string Path, string Body)> received = [];

    public Collector() => listener = new LoopbackListener(ServeAsync);

    public Uri Address => new($"http://127.0.0.1:{listener.Port}");

    /// <summary>The received requests, headers included, by path.</summary>
    public ILookup<string, string> Received => received.ToLookup(request => request.Path, request => request.Body);

    public ValueTask DisposeAsync() => listener.DisposeAsync();

    // Latin-1 maps each byte to one character, so one reader reads both headers and body.
    private async Task ServeAsync(TcpClient accepted)
    {
        using var client = accepted;
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var head = new List<string>();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            head.Add(line);
        }

        var length = head.Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1];
        var body = new char[int.Parse(length, CultureInfo.InvariantCulture)];
        await reader.ReadBlockAsync(body);
        var text = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(body));
        received.Enqueue((head[0].Split(' ')[1], string.Join('\n', head) + "\n\n" + text));
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
    }
}
