using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace AuthServer.Tests.Support;

/// <summary>A proxy to a server on loopback. It can cut connections, go silent as a network does, and delay packets.</summary>
public sealed class NetworkProxy : IAsyncDisposable
{
    private readonly int target;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> connections = [];
    private readonly Task accepting;
    private bool isCut;
    private Silencer? silencer;
    private TaskCompletionSource restored = Completed();

    public NetworkProxy(int target)
    {
        this.target = target;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Delay of each packet, in each direction. Deliberately real time: the driver's timeouts use it too.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>
    /// Goes silent after a packet from a client, so that its answer is lost. It is the packet that completes these texts, sent in
    /// this order over one connection. The task completes at that packet.
    /// </summary>
    public Task SilenceAtAsync(params string[] texts)
    {
        silencer = new Silencer(texts);
        return silencer.Seen.Task;
    }

    /// <summary>Closes all connections, and all later ones as soon as they are accepted.</summary>
    public void Cut()
    {
        lock (connections)
        {
            isCut = true;
            connections.ForEach(connection => connection.Dispose());
            connections.Clear();
        }
    }

    /// <summary>Forwards nothing and keeps all connections open.</summary>
    public void Silence()
    {
        lock (connections)
        {
            restored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Accepts connections and forwards everything again, including what was held back.</summary>
    public void Restore()
    {
        lock (connections)
        {
            isCut = false;
            restored.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        Cut();
        Restore();
        await accepting;
        listener.Dispose();
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private async Task AcceptAsync()
    {
        var forwarding = new List<Task>();
        try
        {
            while (true)
            {
                forwarding.Add(ForwardAsync(await listener.AcceptTcpClientAsync()));
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // The listener has stopped, before the call or during it.
        }

        await Task.WhenAll(forwarding);
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            if (!TryAdd(client, server))
            {
                return;
            }

            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target);
                await Task.WhenAny(
                    CopyAsync(client.GetStream(), server.GetStream(), isRequest: true),
                    CopyAsync(server.GetStream(), client.GetStream(), isRequest: false));
            }
            catch (Exception exception)
                when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // There is no server, or the connection was cut.
            }
        }
    }

    private bool TryAdd(params IEnumerable<TcpClient> pair)
    {
        lock (connections)
        {
            if (!isCut)
            {
                connections.AddRange(pair);
            }

            return !isCut;
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool isRequest)
    {
        var buffer = new byte[65536];
        try
        {
            while (await from.ReadAsync(buffer) is var count and > 0)
            {
                if (isRequest && silencer is { } awaiting && awaiting.Sees(from, Encoding.Latin1.GetString(buffer, 0, count)))
                {
                    silencer = null;
                    Silence();
                    awaiting.Seen.TrySetResult();
                    await to.WriteAsync(buffer.AsMemory(0, count));
                    continue;
                }

                if (Delay > TimeSpan.Zero)
                {
                    await Task.Delay(Delay);
                }

                await restored.Task;
                await to.WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // One of the two connections is closed.
        }
    }

    /// <summary>Waits for texts on one connection.</summary>
    private sealed class Silencer(string[] texts)
    {
        private readonly Dictionary<NetworkStream, int> seen = [];

        public TaskCompletionSource Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>True if a packet completes the texts on its connection.</summary>
        public bool Sees(NetworkStream connection, string packet)
        {
            lock (seen)
            {
                ref var next = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, connection, out _);
                while (next < texts.Length && packet.IndexOf(texts[next], StringComparison.Ordinal) is var at and >= 0)
                {
                    packet = packet[(at + texts[next].Length)..];
                    next++;
                }

                return next == texts.Length;
            }
        }
    }
}
