using System.Globalization;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>Several servers as processes of their own, with the same keys, on one PostgreSQL. They come back to the ports they had.</summary>
public sealed class Cluster : IAsyncDisposable
{
    // Nothing here may depend on how fast the machine is: a retry counts as one however long a node was away.
    private static readonly string[] Settings = ["Storage:Provider=postgres", "Sessions:Grace=00:05:00", "Tokens:AccessLifetime=00:05:00"];

    private readonly DataFolder data = new();
    private readonly string[] settings;
    private readonly int[] ports;
    private readonly ServerProcess?[] nodes;
    private readonly List<string> log = [];

    /// <summary>Nodes that do not run yet.</summary>
    /// <param name="connectionString">Their database.</param>
    /// <param name="count">How many.</param>
    /// <param name="more">Further settings, or others for those that tests have.</param>
    public Cluster(string connectionString, int count, params IEnumerable<string> more)
    {
        settings = [.. Settings, "ConnectionStrings:AuthServer=" + connectionString, .. more];
        ports = [.. Enumerable.Range(0, count).Select(_ => LoopbackPort.Free())];
        nodes = new ServerProcess?[count];
    }

    public ServerProcess this[int node] => nodes[node]!;

    public IReadOnlyList<int> Ports => ports;

    public IEnumerable<ServerProcess> Nodes => nodes.OfType<ServerProcess>();

    /// <summary>What all nodes have logged, those that are gone too.</summary>
    public IEnumerable<string> Log => [.. log, .. Nodes.SelectMany(node => node.Output)];

    /// <summary>Starts a PostgreSQL; skips the test where it is not installed.</summary>
    public static Task<PostgresProcess> StartDatabaseAsync()
    {
        Assert.SkipUnless(PostgresProcess.IsInstalled, "PostgreSQL is not installed (Debian package postgresql).");
        return PostgresProcess.StartAsync("fsync=off");
    }

    /// <summary>Starts the first node, which makes the keys, and then the others at once.</summary>
    public static async Task<Cluster> StartAsync(string connectionString, int count, params IEnumerable<string> more)
    {
        var cluster = new Cluster(connectionString, count, more);
        await cluster.StartAsync(0);
        await Task.WhenAll(Enumerable.Range(1, count - 1).Select(cluster.StartAsync));
        return cluster;
    }

    /// <summary>Starts a node and waits until it is ready.</summary>
    public async Task StartAsync(int node) => nodes[node] = await ServerProcess.StartAsync(data, [.. settings, UrlOf(node)]);

    /// <summary>Sends a node SIGKILL.</summary>
    public async Task KillAsync(int node)
    {
        this[node].Kill();
        log.AddRange((await this[node].ExitAsync()).Output);
        await this[node].DisposeAsync();
        nodes[node] = null;
    }

    /// <summary>Runs a verb of the program.</summary>
    public Task<CommandRun> RunAsync(string input, params IEnumerable<string> line) =>
        CommandRun.RunAsync(data, input, [.. line, .. settings.Select(setting => "--" + setting)]);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        data.Dispose();
    }

    private string UrlOf(int node) => string.Create(CultureInfo.InvariantCulture, $"urls=http://127.0.0.1:{ports[node]}");
}
