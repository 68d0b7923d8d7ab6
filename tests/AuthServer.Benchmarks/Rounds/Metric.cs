using AuthServer.Benchmarks.Load;

namespace AuthServer.Benchmarks.Rounds;

/// <summary>The names of what is measured.</summary>
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
    public const string LoginsTurnedAway = "login 503";
    public const string Statements = "statements";
    public const string Commits = "commits";
    public const string LogBytes = "bytes of WAL";
    public const string LogFlushes = "flushes of WAL";

    /// <summary>The rate and the latencies of a closed loop: counted the same way for all, without coordinated omission.</summary>
    /// <param name="tally">What was counted.</param>
    /// <param name="time">For how long.</param>
    /// <param name="rowsOfEach">What the rate counts of one that was tallied; latencies are of the whole.</param>
    public static IReadOnlyList<(string Metric, double Value)> OfClosedLoop(Tally tally, TimeSpan time, int rowsOfEach = 1)
    {
        var latencies = tally.CorrectedLatencies();
        return
        [
            (PerSecond, tally.Done * rowsOfEach / time.TotalSeconds),
            (P50, latencies.GetValueAtPercentile(50) / 1000.0),
            (P99, latencies.GetValueAtPercentile(99) / 1000.0),
        ];
    }
}
