using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace AuthServer.Benchmarks.Load;

/// <summary>
/// A keep-alive connection for one request at a time. It allocates nothing per request, because <c>HttpClient</c> would need more
/// processor time than some of the measured servers.
/// </summary>
internal sealed class Connection : IDisposable
{
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] outgoing = new byte[16 * 1024];
    private readonly byte[] incoming = new byte[64 * 1024];
    private readonly byte[] chunks = new byte[64 * 1024];

    private Connection()
    {
    }

    public static async Task<Connection> OpenAsync(IPEndPoint server, CancellationToken ct)
    {
        var connection = new Connection();
        try
        {
            await connection.socket.ConnectAsync(server, ct);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and waits for the whole response.</summary>
    /// <exception cref="IOException">The server closed the connection.</exception>
    /// <exception cref="InvalidDataException">The server sent something other than a response.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Response> ExchangeAsync(RequestTemplate request, ReadOnlyMemory<byte> token, CancellationToken ct)
    {
        var length = request.Write(outgoing, token.Span);
        for (var sent = 0; sent < length;)
        {
            sent += await socket.SendAsync(outgoing.AsMemory(sent, length - sent), SocketFlags.None, ct);
        }

        for (var received = 0; ;)
        {
            var count = await socket.ReceiveAsync(incoming.AsMemory(received), SocketFlags.None, ct);
            if (count == 0)
            {
                throw new IOException("The server closed the connection.");
            }

            received += count;
            if (ResponseParser.TryParse(incoming.AsMemory(0, received), chunks, out var response))
            {
                return response;
            }
        }
    }

    public void Dispose() => socket.Dispose();
}
