using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Postgres;

/// <summary>Several nodes of a server on one database. The clients are divided evenly among the nodes.</summary>
internal sealed class ClusterContender(Peer peer, string program, int nodes) : IContender
{
    private readonly string folder = Repository.NewDataFolder("cluster");
    private readonly List<ServerInstance> instances = [];

    public string Name => $"{peer.Name}-{nodes}";

    public string Title => $"{peer.Title}, {nodes} nodes";

    public bool Supports(Workload workload) => workload.Name == "refresh64";

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(
        Workload workload, TimeSpan time, CancellationToken ct)
    {
        var settings = PostgresPeers.With(peer, new() { [peer.WorkFactorVariable!] = "4" }).Settings(folder);
        while (instances.Count < nodes)
        {
            instances.Add(new ServerInstance(await ServerProcess.StartAsync(peer, program, settings, ct)));
        }

        try
        {
            List<Client> clients = [];
            foreach (var instance in instances)
            {
                clients.AddRange(await instance.Clients.ConnectAsync(workload.Connections / nodes, ct));
            }

            var tally = new Tally();
            await ClosedLoop.RunAsync(clients, RequestKind.Refresh, time, tally, ct);
            tally.ThrowIfFailed($"{Title}, {workload.Name}");
            var megabytes = instances.Sum(instance => instance.Server.ResidentMegabytes);
            return [.. Metric.OfClosedLoop(tally, time), (Metric.Megabytes, megabytes)];
        }
        finally
        {
            instances.ForEach(instance => instance.Clients.Disconnect());
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in instances)
        {
            await instance.DisposeAsync();
        }

        Repository.Remove(folder);
    }
}
