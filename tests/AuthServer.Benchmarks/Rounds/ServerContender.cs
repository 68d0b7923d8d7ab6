using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>A published server, which runs from its first work to the end of all.</summary>
internal sealed class ServerContender(Peer peer, string program) : IContender
{
    private ServerProcess? server;
    private ClientPool? clients;

    public string Name => peer.Name;

    public string Title => peer.Title;

    public bool Takes(Work work) => work.Act switch
    {
        Act.Refresh => peer.Api.Refresh is not null,
        Act.Private => peer.Api.Private is not null,
        Act.Login => peer.Api.Login is not null,
        _ => true,
    };

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(Work work, TimeSpan time, CancellationToken ct)
    {
        server ??= await StartAsync(ct);
        clients ??= new ClientPool(server.Target);
        var tally = new Tally();
        await ClosedLoop.RunAsync(await clients.ConnectAsync(work.Connections, ct), work.Act, time, tally, ct);
        clients.Disconnect();
        tally.ThrowIfFailed($"{Title}, {work.Name}");

        var latencies = tally.CorrectedLatencies();
        return
        [
            (Work.PerSecond, tally.InTime / time.TotalSeconds),
            ("p50 ms", latencies.GetValueAtPercentile(50) / 1000.0),
            ("p99 ms", latencies.GetValueAtPercentile(99) / 1000.0),
            (Work.Megabytes, server.ResidentMegabytes),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        clients?.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    private Task<ServerProcess> StartAsync(CancellationToken ct)
    {
        var settings = peer.Settings(Repository.NewDataFolder(peer.Name));
        if (peer.WorkFactorVariable is { } variable)
        {
            settings[variable] = "4";
        }

        return ServerProcess.StartAsync(peer, program, settings, ct);
    }
}
