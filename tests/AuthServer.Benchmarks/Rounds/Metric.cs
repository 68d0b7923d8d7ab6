using AuthServer.Benchmarks.Load;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>Names of the metrics, as the report shows them.</summary>
internal static class Metric
{
    public const string PerSecond = "per second";
    public const string P50 = "p50 ms";
    public const string P99 = "p99 ms";
    public const string Processor = "processor µs";
    public const string Megabytes = "MB";
    public const string MegabytesAfterLogin = "MB after a login";
    public const string StartMilliseconds = "ms";
    public const string LoginsPerSecond = "logins/s";
    public const string PrivateP99 = "private p99 ms";
    public const string RefreshP99 = "refresh p99 ms";
    public const string LoginsRefused = "logins refused";
    public const string Statements = "statements";
    public const string Commits = "commits";
    public const string LogBytes = "bytes of WAL";
    public const string LogFlushes = "flushes of WAL";

    /// <summary>Returns the rate of a closed loop, and its latencies corrected for coordinated omission.</summary>
    /// <param name="tally">Counters of the round.</param>
    /// <param name="time">Length of the round.</param>
    /// <param name="operationsPerSample">Operations in each sample. The rate counts operations; a latency is of a sample.</param>
    public static IReadOnlyList<(string Metric, double Value)> OfClosedLoop(
        Tally tally, TimeSpan time, int operationsPerSample = 1)
    {
        var latencies = tally.CorrectedLatencies();
        return
        [
            (PerSecond, tally.Completed * operationsPerSample / time.TotalSeconds),
            (P50, latencies.GetValueAtPercentile(50) / 1000.0),
            (P99, latencies.GetValueAtPercentile(99) / 1000.0),
        ];
    }
}
