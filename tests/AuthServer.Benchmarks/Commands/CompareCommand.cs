using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Commands;

/// <summary>The command <c>compare</c>: measures AuthServer and its peers, and writes a report.</summary>
internal static class CompareCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "rounds", "seconds", "warmup", "only", "servers");
        var schedule = new Schedule(options.Number("rounds", 5), options.Seconds("seconds", 4), options.Seconds("warmup", 10));
        var workloads = options.Choose("only", Workload.All, workload => workload.Name);
        var contenders = await ChooseAsync(options, workloads, ct);
        var description = await RunDescription.CreateAsync(schedule, ct);
        var samples = new Samples();
        try
        {
            await MeasureAsync(contenders, workloads, schedule, samples, ct);
        }
        finally
        {
            foreach (var contender in contenders)
            {
                await contender.DisposeAsync();
            }
        }

        var name = options.IsEmpty ? "report" : "partial-report";
        await Report.WriteAsync(name, description, workloads, contenders, samples, [], ct);
        return samples.Failures.Count == 0 ? 0 : 1;
    }

    private static async Task MeasureAsync(
        List<IContender> contenders, IReadOnlyList<Workload> workloads, Schedule schedule, Samples samples, CancellationToken ct)
    {
        var runner = new InterleavedRunner(contenders, schedule, samples);
        var minutes = Math.Ceiling(runner.EstimateTime(workloads).TotalMinutes);
        await Console.Error.WriteLineAsync($"This takes about {minutes} minutes. Keep the machine idle until it finishes.");
        foreach (var workload in workloads)
        {
            await runner.RunAsync(workload, ct);
        }
    }

    private static async Task<List<IContender>> ChooseAsync(
        Options options, IReadOnlyList<Workload> workloads, CancellationToken ct)
    {
        List<(string Name, Func<Task<IContender>> Make)> all =
        [
            .. Peers.All.Where(peer => !peer.IsScript || Publisher.HasNode)
                .Select(peer => (peer.Name, new Func<Task<IContender>>(() => PublishAsync(peer, ct)))),
            ("sqlite", () => Task.FromResult<IContender>(new SqliteContender())),
            ("bcrypt", () => Task.FromResult<IContender>(new BcryptContender())),
        ];
        List<IContender> contenders = [];
        foreach (var (_, make) in options.Choose("servers", all, contender => contender.Name))
        {
            contenders.Add(await make());
        }

        contenders.RemoveAll(contender => !workloads.Any(contender.Supports));
        return contenders;
    }

    private static async Task<IContender> PublishAsync(Peer peer, CancellationToken ct) =>
        new ServerContender(peer, await Publisher.PublishAsync(peer, ct));
}
