using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>A running server and its clients.</summary>
internal sealed class ServerInstance(ServerProcess server) : IAsyncDisposable
{
    public ServerProcess Server => server;

    public ClientPool Clients { get; } = new(server.Target);

    public async ValueTask DisposeAsync()
    {
        Clients.Dispose();
        await server.DisposeAsync();
    }
}
