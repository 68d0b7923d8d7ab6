using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Reports;

/// <summary>The figures by which our server is judged: its own, and its own over that of a limit or a peer.</summary>
internal static class Reach
{
    private sealed record Figure(string Title, string Work, string Metric, Other? Other = null);

    private sealed record Other(string Contender, string Work, string Metric);

    private static readonly IReadOnlyList<Figure> Figures =
    [
        PerSecond("Refreshes at 64 / Kestrel's JSON echo", "refresh64", "kestrel"),
        PerSecond("Refreshes at 64 / Identity's", "refresh64", "identity"),
        PerSecond("Refreshes at 64 / OpenIddict's", "refresh64", "openiddict"),
        PerSecond("Refreshes at 64 / the textbook's", "refresh64", "textbook"),
        PerSecond("Refreshes at 64 / row updates of SQLite, 64 to a commit", "refresh64", "sqlite"),
        PerSecond("Refreshes at 64 / without metrics", "refresh64", Peers.Bare),
        Processor("Processor time of a refresh at 64 / without metrics, µs", Peers.Bare),
        Processor("Processor time of a refresh at 64 / with metrics and traces sent by OTLP, µs", Peers.Sending),
        PerSecond("Refreshes at 1 / the textbook's", "refresh1", "textbook"),
        PerSecond("Refreshes at 1 / row updates of SQLite, one to a commit", "refresh1", "sqlite"),
        new("p99 of a refresh at 64, ms", "refresh64", Metric.P99),
        PerSecond("Private GETs at 64 / Kestrel's plaintext", "private64", "kestrel"),
        PerSecond("Private GETs at 64 / JwtBearer's as it comes", "private64", "jwtbearer"),
        PerSecond("Logins / bcrypt alone", "login", "bcrypt"),
        new("Flood: logins / bcrypt alone", "flood", Metric.LoginsPerSecond, new Other("bcrypt", "login", Metric.PerSecond)),
        new("Flood: p99 of a private GET, ms", "flood", Metric.PrivateP99),
        new("Flood: p99 of a refresh, ms", "flood", Metric.RefreshP99),
        new("Flood: 503 of login", "flood", Metric.LoginsTurnedAway),
        new("Start to the first 200 / bare Kestrel's, ms", "start", Metric.StartMilliseconds, new Other("kestrel", "start", Metric.StartMilliseconds)),
        new("Idle memory, MB", "start", Metric.Megabytes),
        new("Idle memory after one login, MB", "start", Metric.MegabytesAfterLogin),
        new("Memory after refreshes at 64 / the textbook's, MB", "refresh64", Metric.Megabytes, new Other("textbook", "refresh64", Metric.Megabytes)),
    ];

    public static Table TableOf(Samples samples)
    {
        var table = new Table("Figure", "ours", "the other", "ratio");
        foreach (var figure in Figures)
        {
            var ours = samples.Find(figure.Work, Peers.Ours, figure.Metric)?.Median;
            var other = figure.Other is { } its ? samples.Find(its.Work, its.Contender, its.Metric)?.Median : null;
            if (ours is not null && (other is not null || figure.Other is null))
            {
                table.Add(figure.Title, Format(ours), Format(other), Format(ours / other));
            }
        }

        return table;
    }

    private static Figure PerSecond(string title, string work, string other) =>
        new(title, work, Metric.PerSecond, new Other(other, work, Metric.PerSecond));

    private static Figure Processor(string title, string other) =>
        new(title, "refresh64", Metric.Processor, new Other(other, "refresh64", Metric.Processor));

    private static string Format(double? value) => value is { } known ? Report.Format(known) : "";
}
