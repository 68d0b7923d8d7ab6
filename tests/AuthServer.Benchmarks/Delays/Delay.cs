using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Rounds;

namespace AuthServer.Benchmarks.Delays;

/// <summary>Delays of the requests of one round, in milliseconds.</summary>
/// <param name="Median">Half of them took longer.</param>
/// <param name="P99">One in a hundred took longer.</param>
/// <param name="Maximum">The longest.</param>
/// <param name="Refused">Number of answers with 503, whose times are not counted.</param>
internal sealed record Delay(double Median, double P99, double Maximum, double Refused)
{
    /// <summary>The header of a table of delays.</summary>
    public static readonly string[] Columns = ["", "p50, ms", "p99, ms", "maximum, ms", "answers 503"];

    /// <summary>The delays of requests. Those of no request are not a number.</summary>
    /// <exception cref="LoadException">A response was unexpected.</exception>
    public static Delay Of(Tally tally, string request)
    {
        tally.ThrowIfFailed(request);
        var latencies = tally.Latencies();
        double At(double percentile) =>
            latencies.TotalCount == 0 ? double.NaN : latencies.GetValueAtPercentile(percentile) / 1000.0;
        return new Delay(At(50), At(99), At(100), tally.Unavailable);
    }

    /// <summary>A row of a table: for each figure the median, minimum and maximum of the rounds.</summary>
    public static string[] RowOf(string name, IReadOnlyCollection<Delay> rounds)
    {
        string Format(Func<Delay, double> figure) => Report.Format(Spread.Of([.. rounds.Select(figure)]));
        return
        [
            name,
            Format(delay => delay.Median),
            Format(delay => delay.P99),
            Format(delay => delay.Maximum),
            Format(delay => delay.Refused),
        ];
    }
}
