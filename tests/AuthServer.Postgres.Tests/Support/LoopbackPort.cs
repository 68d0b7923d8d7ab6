using System.Net;
using System.Net.Sockets;

namespace AuthServer.Tests.Support;

/// <summary>Ports for programs that can't choose one by themselves.</summary>
public static class LoopbackPort
{
    // Below the ports that a system chooses itself. Of those, another listener may get one before its program does.
    private const int First = 20_000;
    private const int Count = 12_000;

    // Other processes of tests begin elsewhere.
    private static int last = Environment.ProcessId * 97 % Count;

    /// <summary>Returns a port of loopback that no program listened on a moment ago, another one at each call.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref last) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // In use.
            }
        }
    }
}
