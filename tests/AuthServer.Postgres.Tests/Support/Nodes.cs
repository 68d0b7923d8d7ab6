using Microsoft.Extensions.DependencyInjection;

namespace AuthServer.Tests.Support;

/// <summary>Several servers on one database, with the same keys.</summary>
public sealed class Nodes : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly List<AuthServerApp> nodes = [];

    public Nodes(int count, params (string Key, string Value)[] settings)
    {
        for (var node = 0; node < count; node++)
        {
            Add(configure: null, settings);
        }
    }

    public string DataDirectory => folder.Path;

    public AuthServerApp this[int node] => nodes[node];

    public IReadOnlyList<AuthServerApp> All => nodes;

    /// <summary>Adds a server, which is disposed of with the rest.</summary>
    public AuthServerApp Add(Action<IServiceCollection>? configure, params (string Key, string Value)[] settings)
    {
        nodes.Add(new AuthServerApp(configure, [("Data:Directory", folder.Path), .. settings]));
        return nodes[^1];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        await TestDatabase.RemoveAsync(folder.Path);
        folder.Dispose();
    }
}
