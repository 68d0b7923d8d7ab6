using System.Net;
using System.Net.Sockets;

namespace AuthServer.Tests.Support;

/// <summary>Ports for programs that can't choose one by themselves.</summary>
public static class LoopbackPort
{
    /// <summary>Returns a port of loopback that no program listened on a moment ago.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
