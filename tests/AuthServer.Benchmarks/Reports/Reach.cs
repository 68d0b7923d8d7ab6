using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Reports;

/// <summary>The figures by which our server is judged: its own over that of a limit or a peer.</summary>
internal static class Reach
{
    private sealed record Ratio(string Title, string Work, string Metric, string Other);

    private static readonly IReadOnlyList<Ratio> Ratios =
    [
        new("Refresh at 64 / Kestrel JSON echo at 64", "refresh64", Work.PerSecond, "kestrel"),
        new("Refresh at 64 / textbook refresh at 64", "refresh64", Work.PerSecond, "textbook"),
        new("Refresh at 1 / textbook refresh at 1", "refresh1", Work.PerSecond, "textbook"),
        new("Private GET at 64 / Kestrel plaintext at 64", "private64", Work.PerSecond, "kestrel"),
        new("Private GET at 64 / JwtBearer as it comes at 64", "private64", Work.PerSecond, "jwtbearer"),
    ];

    public static Table TableOf(Samples samples)
    {
        var table = new Table("Figure", "ours", "the other", "ratio");
        foreach (var ratio in Ratios)
        {
            if (samples.Find(ratio.Work, Peers.Ours, ratio.Metric) is { } ours
                && samples.Find(ratio.Work, ratio.Other, ratio.Metric) is { } other)
            {
                table.Add(ratio.Title, Report.Format(ours.Median), Report.Format(other.Median), Report.Format(ours.Median / other.Median));
            }
        }

        return table;
    }
}
