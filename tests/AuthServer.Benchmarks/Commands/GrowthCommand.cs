using System.Globalization;
using AuthServer.Benchmarks.Growth;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Commands;

/// <summary><c>growth</c>: whether the server slows down, or its file grows, with sessions and with time.</summary>
internal static class GrowthCommand
{
    private const int RotatedSessions = 1000;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "rounds", "seconds", "warmup", "sessions", "rotations");
        var pace = new Pace(options.Number("rounds", 5), options.Seconds("seconds", 4), options.Seconds("warmup", 10));
        var sizes = options.Numbers("sessions", 1000, 100_000, 1_000_000);
        if (sizes.Any(size => size < GrowthServer.Connections))
        {
            throw new ArgumentException($"--sessions takes no number under {GrowthServer.Connections}, for there are as many connections.");
        }

        var rotations = options.Number("rotations", 1_000_000);
        var program = await Publisher.PublishAsync(Peers.Find(Peers.Ours), ct);

        Table[] tables =
        [
            await Setting.DescribeAsync(pace, ct),
            await MeasureSizesAsync(program, sizes, pace, ct),
            await MeasureRotationsAsync(program, rotations, pace, ct),
        ];
        Console.WriteLine(string.Join('\n', tables.Select(table => table.ToText())));
        var file = Path.Combine(Repository.Artifacts, "growth.md");
        await File.WriteAllTextAsync(file, string.Join('\n', tables.Select(table => table.ToMarkdown())), ct);
        Console.WriteLine($"As Markdown: {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
        return 0;
    }

    private static async Task<Table> MeasureSizesAsync(string program, IReadOnlyList<int> sizes, Pace pace, CancellationToken ct)
    {
        List<(SessionFile File, GrowthServer Server, List<double> Rates)> all = [];
        try
        {
            foreach (var size in sizes)
            {
                Say($"making {size} sessions");
                var file = await SessionFile.CreateAsync(program, size, ct);
                all.Add((file, await GrowthServer.StartAsync(file, program, ct), []));
            }

            await InterleaveAsync(all.ConvertAll(one => (one.Server, one.Rates)), pace, ct);
            foreach (var (_, server, _) in all)
            {
                await server.StopAsync(ct);
            }
        }
        finally
        {
            foreach (var (_, server, _) in all)
            {
                await server.DisposeAsync();
            }
        }

        var table = new Table("Sessions in the file", "refreshes/s at 64", "of the first", "file when stopped, MB");
        var first = Spread.Of(all[0].Rates).Median;
        foreach (var (file, _, rates) in all)
        {
            var rate = Spread.Of(rates);
            var size = Report.Format(file.Bytes / 1e6);
            table.Add($"{file.Count:#,0}", Report.Format(rate), Report.Format(rate.Median / first), size);
            file.Remove();
        }

        return table;
    }

    private static async Task<Table> MeasureRotationsAsync(string program, int rotations, Pace pace, CancellationToken ct)
    {
        var lone = await SessionFile.CreateAsync(program, 1, ct);
        var empty = lone.Bytes;
        lone.Remove();
        var file = await SessionFile.CreateAsync(program, RotatedSessions, ct);
        var table = new Table(
            $"{RotatedSessions} sessions", "refreshes/s at 64", "file when stopped, bytes", "bytes per session");
        await AddAsync("before");

        Say($"{rotations} rotations");
        await using (var server = await GrowthServer.StartAsync(file, program, ct))
        {
            await server.RotateAsync(rotations, ct);
            await server.StopAsync(ct);
        }

        await AddAsync($"after {rotations:#,0} rotations");
        file.Remove();
        return table;

        async Task AddAsync(string when)
        {
            List<double> rates = [];
            var bytes = file.Bytes;
            await using var server = await GrowthServer.StartAsync(file, program, ct);
            await InterleaveAsync([(server, rates)], pace, ct);
            await server.StopAsync(ct);
            var each = Report.Format((bytes - empty) / (double)RotatedSessions);
            table.Add(when, Report.Format(Spread.Of(rates)), $"{bytes:#,0}", each);
        }
    }

    private static async Task InterleaveAsync(
        List<(GrowthServer Server, List<double> Rates)> all, Pace pace, CancellationToken ct)
    {
        foreach (var (server, _) in all)
        {
            await server.RefreshAsync(pace.FirstWarmUp, ct);
        }

        for (var round = 0; round < pace.Rounds; round++)
        {
            foreach (var (server, rates) in all)
            {
                rates.Add(await server.RefreshAsync(pace.Seconds, ct));
                Say(string.Create(CultureInfo.InvariantCulture, $"{rates[^1]:0} refreshes per second"));
            }
        }
    }

    private static void Say(string what) => Console.Error.WriteLine(what);
}
