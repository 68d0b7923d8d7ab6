using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Commands;

/// <summary><c>compare</c>: measures our server beside its peers and reports.</summary>
internal static class CompareCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "rounds", "seconds", "warmup", "only", "servers");
        var pace = new Pace(options.Number("rounds", 5), options.Seconds("seconds", 4), options.Seconds("warmup", 10));
        var works = options.Choose("only", Work.All, work => work.Name);
        var contenders = await ChooseAsync(options, works, ct);
        var setting = await Setting.DescribeAsync(pace, ct);
        var samples = new Samples();
        try
        {
            await MeasureAsync(contenders, works, pace, samples, ct);
        }
        finally
        {
            foreach (var contender in contenders)
            {
                await contender.DisposeAsync();
            }
        }

        await Report.WriteAsync(options.IsEmpty ? "report" : "report-of-part", setting, works, contenders, samples, [], ct);
        return samples.Failures.Count == 0 ? 0 : 1;
    }

    private static async Task MeasureAsync(
        List<IContender> contenders, IReadOnlyList<Work> works, Pace pace, Samples samples, CancellationToken ct)
    {
        var interleaving = new Interleaving(contenders, pace, samples);
        var minutes = Math.Ceiling(interleaving.Expect(works).TotalMinutes);
        await Console.Error.WriteLineAsync($"This takes about {minutes} minutes. Leave the machine alone meanwhile.");
        foreach (var work in works)
        {
            await interleaving.RunAsync(work, ct);
        }
    }

    private static async Task<List<IContender>> ChooseAsync(Options options, IReadOnlyList<Work> works, CancellationToken ct)
    {
        List<(string Name, Func<Task<IContender>> Make)> all =
        [
            .. Peers.All.Where(peer => !peer.IsScript || Publisher.HasNode)
                .Select(peer => (peer.Name, new Func<Task<IContender>>(() => PublishAsync(peer, ct)))),
            ("sqlite", () => Task.FromResult<IContender>(new SqliteContender())),
            ("bcrypt", () => Task.FromResult<IContender>(new BcryptContender())),
        ];
        List<IContender> contenders = [];
        foreach (var (_, make) in options.Choose("servers", all, one => one.Name))
        {
            contenders.Add(await make());
        }

        contenders.RemoveAll(contender => !works.Any(contender.Takes));
        return contenders;
    }

    private static async Task<IContender> PublishAsync(Peer peer, CancellationToken ct) =>
        new ServerContender(peer, await Publisher.PublishAsync(peer, ct));
}
