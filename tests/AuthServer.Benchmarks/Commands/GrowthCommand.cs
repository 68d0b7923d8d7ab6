using System.Globalization;
using AuthServer.Benchmarks.Growth;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Commands;

/// <summary>
/// The command <c>growth</c>: measures how the rate of refreshes and the size of the database depend on the number of sessions
/// and of rotations.
/// </summary>
internal static class GrowthCommand
{
    private const int RotatedSessions = 1000;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "rounds", "seconds", "warmup", "sessions", "rotations");
        var schedule = new Schedule(options.Number("rounds", 5), options.Seconds("seconds", 4), options.Seconds("warmup", 10));
        var sizes = options.Numbers("sessions", 1000, 100_000, 1_000_000);
        if (sizes.Any(size => size < GrowthServer.Connections))
        {
            throw new ArgumentException($"--sessions must be at least {GrowthServer.Connections}, the number of connections.");
        }

        var rotations = options.Number("rotations", 1_000_000);
        var program = await Publisher.PublishAsync(Peers.Find(Peers.AuthServer), ct);

        Table[] tables =
        [
            await RunDescription.CreateAsync(schedule, ct),
            await MeasureSizesAsync(program, sizes, schedule, ct),
            await MeasureRotationsAsync(program, rotations, schedule, ct),
        ];
        Console.WriteLine(string.Join('\n', tables.Select(table => table.ToText())));
        var file = Path.Combine(Repository.Artifacts, "growth.md");
        await File.WriteAllTextAsync(file, string.Join('\n', tables.Select(table => table.ToMarkdown())), ct);
        Console.WriteLine($"Saved as Markdown: {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
        return 0;
    }

    private static async Task<Table> MeasureSizesAsync(
        string program, IReadOnlyList<int> sizes, Schedule schedule, CancellationToken ct)
    {
        List<(SessionFile File, GrowthServer Server, List<double> Rates)> all = [];
        try
        {
            foreach (var size in sizes)
            {
                WriteProgress($"creating {size} sessions");
                var file = await SessionFile.CreateAsync(program, size, ct);
                all.Add((file, await GrowthServer.StartAsync(file, program, ct), []));
            }

            await InterleaveAsync(all.ConvertAll(item => (item.Server, item.Rates)), schedule, ct);
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

        var table = new Table("Sessions in the file", "refreshes/s at 64", "ratio to the first row", "file after shutdown, MB");
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

    private static async Task<Table> MeasureRotationsAsync(string program, int rotations, Schedule schedule, CancellationToken ct)
    {
        var single = await SessionFile.CreateAsync(program, 1, ct);
        var empty = single.Bytes;
        single.Remove();
        var file = await SessionFile.CreateAsync(program, RotatedSessions, ct);
        var table = new Table(
            $"{RotatedSessions} sessions", "refreshes/s at 64", "file after shutdown, bytes", "bytes per session");
        await AddAsync("before");

        WriteProgress($"{rotations} rotations");
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
            await InterleaveAsync([(server, rates)], schedule, ct);
            await server.StopAsync(ct);
            var bytesPerSession = Report.Format((bytes - empty) / (double)RotatedSessions);
            table.Add(when, Report.Format(Spread.Of(rates)), $"{bytes:#,0}", bytesPerSession);
        }
    }

    private static async Task InterleaveAsync(
        List<(GrowthServer Server, List<double> Rates)> all, Schedule schedule, CancellationToken ct)
    {
        foreach (var (server, _) in all)
        {
            await server.RefreshAsync(schedule.FirstWarmUp, ct);
        }

        for (var round = 0; round < schedule.Rounds; round++)
        {
            foreach (var (server, rates) in all)
            {
                rates.Add(await server.RefreshAsync(schedule.RoundTime, ct));
                WriteProgress(string.Create(CultureInfo.InvariantCulture, $"{rates[^1]:0} refreshes per second"));
            }
        }
    }

    private static void WriteProgress(string text) => Console.Error.WriteLine(text);
}
