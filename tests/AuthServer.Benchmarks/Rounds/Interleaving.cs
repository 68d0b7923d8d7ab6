using System.Globalization;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>How long and how often contenders are measured.</summary>
/// <param name="Rounds">Measured rounds of each work.</param>
/// <param name="Seconds">Length of a round.</param>
/// <param name="WarmUp">Length of the unmeasured round before them.</param>
internal sealed record Pace(int Rounds, TimeSpan Seconds, TimeSpan WarmUp)
{
    /// <summary>Length of the unmeasured round before the first work of a process: its runtime has to find its hot code first.</summary>
    public TimeSpan FirstWarmUp => 3 * WarmUp;

    /// <summary>Measured rounds of a work.</summary>
    public int RoundsOf(Work work) => Math.Max(Rounds, work.LeastRounds);

    /// <summary>How long one contender takes for a work, about.</summary>
    public TimeSpan Of(Work work, bool isFirst) => work.Kind == WorkKind.Start
        ? (RoundsOf(work) + 1) * TimeSpan.FromSeconds(1.5)
        : (isFirst ? FirstWarmUp : WarmUp) + (RoundsOf(work) * Seconds);
}

/// <summary>Interleaves contenders: what disturbs the machine for a while then disturbs them all.</summary>
internal sealed class Interleaving(IReadOnlyList<IContender> contenders, Pace pace, Samples samples)
{
    // Contenders with the work factor: a server has a process for each.
    private readonly HashSet<(IContender, bool)> warmed = [];

    /// <summary>How long works take, about, if they are the first.</summary>
    public TimeSpan Expect(IEnumerable<Work> works)
    {
        HashSet<(IContender, bool)> begun = [];
        var all =
            from work in works
            from contender in contenders
            where contender.Takes(work)
            select pace.Of(work, isFirst: begun.Add((contender, work.HashesAsInProduction)));
        return all.Aggregate(TimeSpan.Zero, (sum, time) => sum + time);
    }

    /// <summary>Warms each contender up for a work, then measures A B C A B C …</summary>
    public async Task RunAsync(Work work, CancellationToken ct)
    {
        var running = contenders.Where(contender => contender.Takes(work)).ToList();
        for (var round = 0; round <= pace.RoundsOf(work); round++)
        {
            foreach (var contender in running.ToList())
            {
                var isWarmUp = round == 0;
                var time = isWarmUp ? WarmUpOf(contender, work) : pace.Seconds;
                if (!await TryRunAsync(contender, work, time, isWarmUp, ct))
                {
                    running.Remove(contender);
                }
            }
        }
    }

    private TimeSpan WarmUpOf(IContender contender, Work work) =>
        warmed.Add((contender, work.HashesAsInProduction)) ? pace.FirstWarmUp : pace.WarmUp;

    private async Task<bool> TryRunAsync(IContender contender, Work work, TimeSpan time, bool isWarmUp, CancellationToken ct)
    {
        try
        {
            var values = await contender.RunAsync(work, time, ct);
            var texts = values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Value:0.##} {v.Metric}"));
            Report(work, contender, isWarmUp, string.Join("  ", texts));
            if (!isWarmUp)
            {
                samples.Add(work.Name, contender.Name, values);
            }

            return true;
        }
#pragma warning disable CA1031 // One that fails must not take what was measured of the others along; the run says so at its end.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            samples.Failures.Add($"{contender.Title} at {work.Name}: {exception.Message}");
            Report(work, contender, isWarmUp, $"FAILED: {exception}");
            return false;
        }
    }

    private static void Report(Work work, IContender contender, bool isWarmUp, string what) =>
        Console.Error.WriteLine($"{work.Name,-12} {contender.Name,-15} {(isWarmUp ? "warm-up " : "")}{what}");
}
