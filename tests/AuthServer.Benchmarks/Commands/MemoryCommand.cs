using System.Globalization;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Commands;

/// <summary>The command <c>memory</c>: prints the resident memory of AuthServer each minute, under a mixed load.</summary>
internal static class MemoryCommand
{
    // The memory at the end may be this much above that at the end of the warm-up.
    private const double LargestGrowth = 1.05;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Far below what a core serves, so that the garbage collector works as it does in operation.
    private static readonly (RequestKind Kind, int Clients, double PerSecond)[] Loads =
        [(RequestKind.Refresh, 64, 200), (RequestKind.Private, 64, 200), (RequestKind.Login, 8, 3)];

    /// <summary>Runs the command. Returns 1 if the memory has grown.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "warmup", "seconds");
        var (warmUp, time) = (options.Seconds("warmup", 300), options.Seconds("seconds", 1200));
        var peer = Peers.Find(Peers.AuthServer);
        var program = await Publisher.PublishAsync(peer, ct);
        var folder = Repository.NewDataFolder("memory");
        double growth;
        await using (var server = await ServerProcess.StartAsync(peer, program, peer.Settings(folder), ct))
        {
            using var pool = new ClientPool(server.Target);
            var clients = await pool.ConnectAsync(Loads.Sum(load => load.Clients), ct);
            var before = await DriveAsync(clients, server, "warm-up", warmUp, ct);
            growth = await DriveAsync(clients, server, "load", time, ct) / before;
            await server.StopAsync(ct);
        }

        Repository.Remove(folder);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory after load / after warm-up: {growth:0.000}"));
        return growth <= LargestGrowth ? 0 : 1;
    }

    /// <summary>Drives the server for a time, and prints its memory each minute. Returns the last value.</summary>
    private static async Task<double> DriveAsync(
        IReadOnlyList<Client> clients, ServerProcess server, string phase, TimeSpan time, CancellationToken ct)
    {
        for (var done = TimeSpan.Zero; done < time;)
        {
            var step = time - done < Minute ? time - done : Minute;
            await DriveAsync(clients, step, ct);
            done += step;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{phase}, {done.TotalMinutes:0.0} min: {server.ResidentMegabytes:0.0} MB"));
        }

        return server.ResidentMegabytes;
    }

    private static async Task DriveAsync(IReadOnlyList<Client> clients, TimeSpan time, CancellationToken ct)
    {
        var (driven, tally, used) = (new List<Task>(), new Tally(), 0);
        foreach (var (kind, count, perSecond) in Loads)
        {
            var own = clients.Skip(used).Take(count).ToList();
            driven.Add(OpenLoop.RunAsync(own, kind, perSecond, time, tally, ct));
            used += count;
        }

        await Task.WhenAll(driven);
        tally.ThrowIfFailed("mixed load");
    }
}
