using System.Net;
using System.Net.Sockets;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A free port of this machine whose connections are served until it is disposed of.</summary>
public sealed class LoopbackListener : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<TcpClient, Task> serveAsync;
    private readonly Task accepting;

    /// <summary>Listens from now on. What serves a connection disposes of it.</summary>
    public LoopbackListener(Func<TcpClient, Task> serveAsync)
    {
        this.serveAsync = serveAsync;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Takes no more connections, and waits for those that are being served.</summary>
    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await accepting;
        listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(serveAsync(await listener.AcceptTcpClientAsync()));
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }
}
