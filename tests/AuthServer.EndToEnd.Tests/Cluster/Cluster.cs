using System.Globalization;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>
/// Several servers in processes of their own, with the same keys and database. A restarted node keeps its port.
/// </summary>
public sealed class Cluster : IAsyncDisposable
{
    // Long enough for a slow machine: a retry after the restart of a node must be within the grace.
    private static readonly string[] Settings =
        ["Storage:Provider=postgres", "Sessions:Grace=00:05:00", "Tokens:AccessLifetime=00:05:00"];

    private readonly DataFolder data = new();
    private readonly string[] settings;
    private readonly int[] ports;
    private readonly ServerProcess?[] nodes;
    private readonly List<string> log = [];

    /// <summary>Creates a cluster, without starting its nodes.</summary>
    /// <param name="connectionString">Connection string of the database.</param>
    /// <param name="count">Number of nodes.</param>
    /// <param name="more">Further settings, which override the defaults of the tests.</param>
    public Cluster(string connectionString, int count, params IEnumerable<string> more)
    {
        settings = [.. Settings, "ConnectionStrings:AuthServer=" + connectionString, .. more];
        ports = [.. Enumerable.Range(0, count).Select(_ => LoopbackPort.Free())];
        nodes = new ServerProcess?[count];
    }

    /// <summary>Changes the command of a node, given its number.</summary>
    public Func<int, ServerCommand, ServerCommand> Adjust { get; set; } = (_, command) => command;

    public ServerProcess this[int node] => nodes[node]!;

    public IReadOnlyList<int> Ports => ports;

    public IEnumerable<ServerProcess> Nodes => nodes.OfType<ServerProcess>();

    /// <summary>The log lines of all nodes, including those that were killed.</summary>
    public IEnumerable<string> Log => [.. log, .. Nodes.SelectMany(node => node.Output)];

    /// <summary>Starts a PostgreSQL server. Skips the test if PostgreSQL is not installed.</summary>
    public static Task<PostgresProcess> StartDatabaseAsync()
    {
        Assert.SkipUnless(PostgresProcess.IsInstalled, "PostgreSQL is not installed (Debian package postgresql).");
        return PostgresProcess.StartAsync("fsync=off");
    }

    /// <summary>Creates a cluster and starts its nodes.</summary>
    public static async Task<Cluster> StartAsync(string connectionString, int count, params IEnumerable<string> more)
    {
        var cluster = new Cluster(connectionString, count, more);
        await cluster.StartAllAsync();
        return cluster;
    }

    /// <summary>Starts the first node, which creates the keys, and then the remaining nodes in parallel.</summary>
    public async Task StartAllAsync()
    {
        await StartAsync(0);
        await Task.WhenAll(Enumerable.Range(1, nodes.Length - 1).Select(StartAsync));
    }

    /// <summary>Starts a node and waits until it is ready.</summary>
    public async Task StartAsync(int node) => nodes[node] = await ServerProcess.StartAsync(
        Adjust(node, new ServerCommand(data, [.. settings, UrlOf(node)])));

    /// <summary>Kills a node by SIGKILL.</summary>
    public async Task KillAsync(int node)
    {
        this[node].Kill();
        log.AddRange((await this[node].ExitAsync()).Output);
        await this[node].DisposeAsync();
        nodes[node] = null;
    }

    /// <summary>Stops a node by SIGTERM, and waits for its end.</summary>
    public async Task StopAsync(int node)
    {
        await this[node].TerminateAsync();
        var exit = await this[node].ExitAsync();
        Assert.Equal(0, exit.Code);
        log.AddRange(exit.Output);
        await this[node].DisposeAsync();
        nodes[node] = null;
    }

    /// <summary>Runs a verb of the command line, with the settings of the nodes.</summary>
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
