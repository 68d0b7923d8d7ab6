namespace AuthServer.Benchmarks.Rounds;

/// <summary>Number and length of the rounds of a comparison.</summary>
/// <param name="Rounds">Number of measured rounds of each workload.</param>
/// <param name="RoundTime">Length of a measured round.</param>
/// <param name="WarmUp">Length of the unmeasured round before them.</param>
internal sealed record Schedule(int Rounds, TimeSpan RoundTime, TimeSpan WarmUp)
{
    /// <summary>
    /// Length of the unmeasured round before the first workload of a process. It is longer, because the runtime has yet to find
    /// and optimize hot code.
    /// </summary>
    public TimeSpan FirstWarmUp => 3 * WarmUp;

    /// <summary>Returns the number of measured rounds of a workload.</summary>
    public int RoundsOf(Workload workload) => Math.Max(Rounds, workload.MinimumRounds);

    /// <summary>Returns the approximate time that one contender takes for a workload.</summary>
    public TimeSpan EstimateTime(Workload workload, bool isFirst) => workload.Kind == WorkloadKind.Start
        ? (RoundsOf(workload) + 1) * TimeSpan.FromSeconds(1.5)
        : (isFirst ? FirstWarmUp : WarmUp) + (RoundsOf(workload) * RoundTime);
}
