using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Postgres;

/// <summary>Several nodes of a server on one database, each with its share of the clients.</summary>
internal sealed class FleetContender(Peer peer, string program, int nodes) : IContender
{
    private readonly string folder = Repository.NewDataFolder("fleet");
    private readonly List<Instance> instances = [];

    public string Name => $"{peer.Name}-{nodes}";

    public string Title => $"{peer.Title}, {nodes} nodes";

    public bool Takes(Work work) => work.Name == "refresh64";

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(Work work, TimeSpan time, CancellationToken ct)
    {
        var settings = PostgresPeers.With(peer, new() { [peer.WorkFactorVariable!] = "4" }).Settings(folder);
        while (instances.Count < nodes)
        {
            instances.Add(new Instance(await ServerProcess.StartAsync(peer, program, settings, ct)));
        }

        try
        {
            List<Client> clients = [];
            foreach (var instance in instances)
            {
                clients.AddRange(await instance.Clients.ConnectAsync(work.Connections / nodes, ct));
            }

            var tally = new Tally();
            await ClosedLoop.RunAsync(clients, Act.Refresh, time, tally, ct);
            tally.ThrowIfFailed($"{Title}, {work.Name}");
            return [.. Metric.OfClosedLoop(tally, time), (Metric.Megabytes, instances.Sum(instance => instance.Server.ResidentMegabytes))];
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
