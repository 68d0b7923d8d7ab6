using System.Net;
using System.Net.Sockets;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>Listens on a free loopback port, and serves its connections until disposal.</summary>
public sealed class LoopbackListener : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<TcpClient, Task> serveAsync;
    private readonly Task accepting;

    /// <summary>Starts listening.</summary>
    /// <param name="serveAsync">Serves a connection and disposes of it.</param>
    public LoopbackListener(Func<TcpClient, Task> serveAsync)
    {
        this.serveAsync = serveAsync;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Stops listening, and waits until the open connections have been served.</summary>
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
        catch (Exception fault) when (fault is SocketException or InvalidOperationException)
        {
            // The listener has stopped, before the call or during it.
            await Task.WhenAll(open);
        }
    }
}
