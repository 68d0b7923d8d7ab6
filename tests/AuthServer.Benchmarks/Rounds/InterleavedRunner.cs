using System.Globalization;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>
/// Interleaves the rounds of all contenders, so that a temporary disturbance of the machine affects all of them alike.
/// </summary>
internal sealed class InterleavedRunner(IReadOnlyList<IContender> contenders, Schedule schedule, Samples samples)
{
    // The processes that have been warmed up. A server has one process for each work factor.
    private readonly HashSet<(IContender Contender, bool UsesProductionHashing)> warmed = [];

    /// <summary>Returns the approximate time that workloads take, if no contender has been warmed up yet.</summary>
    public TimeSpan EstimateTime(IEnumerable<Workload> workloads)
    {
        HashSet<(IContender, bool)> started = [];
        var all =
            from workload in workloads
            from contender in contenders
            where contender.Supports(workload)
            select schedule.EstimateTime(workload, isFirst: started.Add((contender, workload.UsesProductionHashing)));
        return all.Aggregate(TimeSpan.Zero, (sum, time) => sum + time);
    }

    /// <summary>Warms each contender up for a workload, then measures it in rounds: A B C A B C …</summary>
    public async Task RunAsync(Workload workload, CancellationToken ct)
    {
        var running = contenders.Where(contender => contender.Supports(workload)).ToList();
        for (var round = 0; round <= schedule.RoundsOf(workload); round++)
        {
            foreach (var contender in running.ToList())
            {
                var isWarmUp = round == 0;
                var time = isWarmUp ? WarmUpOf(contender, workload) : schedule.RoundTime;
                if (!await TryRunAsync(contender, workload, time, isWarmUp, ct))
                {
                    running.Remove(contender);
                }
            }
        }
    }

    private TimeSpan WarmUpOf(IContender contender, Workload workload) =>
        warmed.Add((contender, workload.UsesProductionHashing)) ? schedule.FirstWarmUp : schedule.WarmUp;

    private async Task<bool> TryRunAsync(
        IContender contender, Workload workload, TimeSpan time, bool isWarmUp, CancellationToken ct)
    {
        try
        {
            var values = await contender.RunAsync(workload, time, ct);
            var texts = values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Value:0.##} {v.Metric}"));
            Report(workload, contender, isWarmUp, string.Join("  ", texts));
            if (!isWarmUp)
            {
                samples.Add(workload.Name, contender.Name, values);
            }

            return true;
        }
#pragma warning disable CA1031 // The failure of one contender must not discard the samples of the rest. The report lists it.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            samples.Failures.Add($"{contender.Title}, {workload.Name}: {exception.Message}");
            Report(workload, contender, isWarmUp, $"FAILED: {exception}");
            return false;
        }
    }

    private static void Report(Workload workload, IContender contender, bool isWarmUp, string result) =>
        Console.Error.WriteLine($"{workload.Name,-12} {contender.Name,-15} {(isWarmUp ? "warm-up " : "")}{result}");
}
