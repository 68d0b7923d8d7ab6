using System.Net;
using System.Net.Sockets;

namespace AuthServer.Tests.Support;

/// <summary>Ports for programs that have to be told one.</summary>
public static class LoopbackPort
{
    /// <summary>A port of loopback that nobody listened on a moment ago.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
