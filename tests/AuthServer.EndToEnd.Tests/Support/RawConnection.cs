using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A response as it came over a connection.</summary>
/// <param name="Status">The status.</param>
/// <param name="IsLast">True if the server will close the connection.</param>
public sealed record RawResponse(int Status, bool IsLast);

/// <summary>A connection on which a test sends any bytes, such as half a request.</summary>
public sealed class RawConnection : IDisposable
{
    private readonly TcpClient client = new();
    private StreamReader? reader;

    /// <summary>Connects to a server.</summary>
    /// <param name="server">The address.</param>
    /// <param name="tls">True to speak TLS, whatever the certificate is.</param>
    public static async Task<RawConnection> OpenAsync(Uri server, bool tls = false)
    {
        var connection = new RawConnection();
        await connection.client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        Stream stream = connection.client.GetStream();
        if (tls)
        {
#pragma warning disable CA5359 // The certificate is this test's.
            var secure = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
            await secure.AuthenticateAsClientAsync(server.Host);
            stream = secure;
        }

        connection.reader = new StreamReader(stream, Encoding.Latin1);
        return connection;
    }

    public async Task SendAsync(string text) =>
        await reader!.BaseStream.WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>Reads a response; null if the connection is closed without one.</summary>
    public async Task<RawResponse?> ReadAsync()
    {
        try
        {
            var line = await reader!.ReadLineAsync(TestContext.Current.CancellationToken);
            if (line is null)
            {
                return null;
            }

            var (status, length, isLast) = (int.Parse(line.Split(' ')[1], null), 0, false);
            while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 } header)
            {
                isLast |= header.Equals("Connection: close", StringComparison.OrdinalIgnoreCase);
                length = header.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase)
                    ? int.Parse(header.Split(' ')[1], null)
                    : length;
            }

            await reader.ReadBlockAsync(new char[length], TestContext.Current.CancellationToken);
            return new RawResponse(status, isLast);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Sends a text as Latin-1, and reads all that the server sends until it closes the connection. The server may do so before
    /// it has read the whole text.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="silence">
    /// This direction of the connection ends once nothing was received for this long. Kestrel sends no response after that.
    /// </param>
    public async Task<string> ExchangeAsync(string text, TimeSpan silence)
    {
        var received = new StringBuilder();
        try
        {
            await SendAsync(text);
            var buffer = new char[4096];
            var reading = reader!.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask();
            while (true)
            {
                if (await Task.WhenAny(reading, Task.Delay(silence, TestContext.Current.CancellationToken)) != reading)
                {
                    client.Client.Shutdown(SocketShutdown.Send);
                }

                var count = await reading;
                if (count == 0)
                {
                    break;
                }

                received.Append(buffer, 0, count);
                reading = reader.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask();
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The server has reset the connection.
        }

        return received.ToString();
    }

    public void Dispose()
    {
        reader?.Dispose();
        client.Dispose();
    }
}
