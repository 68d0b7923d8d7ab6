using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AuthServer.Tests.Support;

/// <summary>
/// A proxy to a server on loopback that can be cut, can go silent as a network does, can delay each packet, and can be mended.
/// </summary>
public sealed class Relay : IAsyncDisposable
{
    private readonly int target;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> ends = [];
    private readonly Task accepting;
    private bool isCut;
    private (string Text, TaskCompletionSource Seen)? hangAt;
    private TaskCompletionSource passage = Open();

    public Relay(int target)
    {
        this.target = target;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Delay of each packet, in each direction. Deliberately real time: the driver's timeouts are too.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Completes once a packet from the client contains a text, which then does not reach the server before it is mended.</summary>
    public Task HangAtAsync(string text)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        hangAt = (text, seen);
        return seen.Task;
    }

    /// <summary>Closes all connections, and new ones as they come.</summary>
    public void Cut()
    {
        lock (ends)
        {
            isCut = true;
            ends.ForEach(end => end.Dispose());
            ends.Clear();
        }
    }

    /// <summary>Passes nothing on any more, and keeps all connections open.</summary>
    public void Hang()
    {
        lock (ends)
        {
            passage = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Passes everything on again.</summary>
    public void Mend()
    {
        lock (ends)
        {
            isCut = false;
            passage.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        Cut();
        Mend();
        await accepting;
        listener.Dispose();
    }

    private static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                passing.Add(PassAsync(await listener.AcceptTcpClientAsync()));
            }
        }
        catch (SocketException)
        {
            // The listener has stopped.
        }

        await Task.WhenAll(passing);
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            if (!Keep(client, server))
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
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // There is no server, or the way was cut.
            }
        }
    }

    private bool Keep(params IEnumerable<TcpClient> pair)
    {
        lock (ends)
        {
            if (!isCut)
            {
                ends.AddRange(pair);
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
                if (isRequest && hangAt is { } hang && Encoding.Latin1.GetString(buffer, 0, count).Contains(hang.Text, StringComparison.Ordinal))
                {
                    hangAt = null;
                    Hang();
                    hang.Seen.TrySetResult();
                }

                if (Delay > TimeSpan.Zero)
                {
                    await Task.Delay(Delay);
                }

                await passage.Task;
                await to.WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // One of the two is gone.
        }
    }
}
