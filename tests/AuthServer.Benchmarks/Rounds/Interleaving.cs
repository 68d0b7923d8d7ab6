using System.Globalization;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>How long and how often contenders are measured.</summary>
/// <param name="Rounds">Measured rounds of each work.</param>
/// <param name="Seconds">Length of a round.</param>
/// <param name="WarmUp">Length of the unmeasured round before them.</param>
internal sealed record Pace(int Rounds, TimeSpan Seconds, TimeSpan WarmUp)
{
    /// <summary>Measured rounds of a work.</summary>
    public int RoundsOf(Work work) => Math.Max(Rounds, work.LeastRounds);

    /// <summary>How long one contender takes for a work, about.</summary>
    public TimeSpan Of(Work work) =>
        work.Kind == WorkKind.Start ? (RoundsOf(work) + 1) * TimeSpan.FromSeconds(1.5) : WarmUp + (RoundsOf(work) * Seconds);
}

/// <summary>Interleaves contenders: what disturbs the machine for a while then disturbs them all.</summary>
internal sealed class Interleaving(IReadOnlyList<IContender> contenders, Pace pace, Samples samples)
{
    /// <summary>Warms each contender up for a work, then measures A B C A B C …</summary>
    public async Task RunAsync(Work work, CancellationToken ct)
    {
        var running = contenders.Where(contender => contender.Takes(work)).ToList();
        for (var round = 0; round <= pace.RoundsOf(work); round++)
        {
            foreach (var contender in running.ToList())
            {
                if (!await TryRunAsync(contender, work, isWarmUp: round == 0, ct))
                {
                    running.Remove(contender);
                }
            }
        }
    }

    private async Task<bool> TryRunAsync(IContender contender, Work work, bool isWarmUp, CancellationToken ct)
    {
        try
        {
            var values = await contender.RunAsync(work, isWarmUp ? pace.WarmUp : pace.Seconds, ct);
            Report(work, contender, isWarmUp, string.Join("  ", values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Value:0.##} {v.Metric}"))));
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
