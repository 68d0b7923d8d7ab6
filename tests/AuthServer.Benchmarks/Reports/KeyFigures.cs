using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Reports;

/// <summary>The figures by which AuthServer is judged: its values, and their ratios to those of a peer or of a limit.</summary>
internal static class KeyFigures
{
    private sealed record Figure(string Title, string Workload, string Metric, Reference? Reference = null);

    private sealed record Reference(string Contender, string Workload, string Metric);

    private static readonly IReadOnlyList<Figure> Figures =
    [
        PerSecond("Refreshes at 64 / Kestrel's JSON echo", "refresh64", "kestrel"),
        PerSecond("Refreshes at 64 / Identity's", "refresh64", "identity"),
        PerSecond("Refreshes at 64 / OpenIddict's", "refresh64", "openiddict"),
        PerSecond("Refreshes at 64 / textbook's", "refresh64", "textbook"),
        PerSecond("Refreshes at 64 / row updates of SQLite, 64 per commit", "refresh64", "sqlite"),
        PerSecond("Refreshes at 64 / without metrics", "refresh64", Peers.WithoutTelemetry),
        Processor("Processor time of a refresh at 64 / without metrics, µs", Peers.WithoutTelemetry),
        Processor("Processor time of a refresh at 64 / with metrics and traces exported by OTLP, µs", Peers.WithOtlpExport),
        PerSecond("Refreshes at 1 / textbook's", "refresh1", "textbook"),
        PerSecond("Refreshes at 1 / row updates of SQLite, one per commit", "refresh1", "sqlite"),
        new("p99 of a refresh at 64, ms", "refresh64", Metric.P99),
        PerSecond("Private GETs at 64 / Kestrel's plaintext", "private64", "kestrel"),
        PerSecond("Private GETs at 64 / JwtBearer's with defaults", "private64", "jwtbearer"),
        PerSecond("Private GETs at 64 / by session cookies", "private64", Peers.ByCookie),
        PerSecond("Private GETs at 64 / forward-auth", "private64", Peers.ForwardAuth),
        PerSecond("Logins / bcrypt alone", "login", "bcrypt"),
        new("Flood: logins / bcrypt alone", "flood", Metric.LoginsPerSecond, new Reference("bcrypt", "login", Metric.PerSecond)),
        new("Flood: p99 of a private GET, ms", "flood", Metric.PrivateP99),
        new("Flood: p99 of a refresh, ms", "flood", Metric.RefreshP99),
        new("Flood: logins refused with 503", "flood", Metric.LoginsRefused),
        SameMetric("Start to the first 200 / Kestrel's alone, ms", "start", Metric.StartMilliseconds, "kestrel"),
        new("Idle memory, MB", "start", Metric.Megabytes),
        new("Idle memory after one login, MB", "start", Metric.MegabytesAfterLogin),
        SameMetric("Memory after refreshes at 64 / textbook's, MB", "refresh64", Metric.Megabytes, "textbook"),
    ];

    /// <summary>Returns the figures that were measured. A figure whose reference was not measured is left out.</summary>
    public static Table CreateTable(Samples samples)
    {
        var table = new Table("Figure", "AuthServer", "reference", "ratio");
        foreach (var figure in Figures)
        {
            var own = samples.Find(figure.Workload, Peers.AuthServer, figure.Metric)?.Median;
            var other = figure.Reference is { } reference
                ? samples.Find(reference.Workload, reference.Contender, reference.Metric)?.Median
                : null;
            if (own is not null && (other is not null || figure.Reference is null))
            {
                table.Add(figure.Title, Format(own), Format(other), Format(own / other));
            }
        }

        return table;
    }

    private static Figure PerSecond(string title, string workload, string contender) =>
        SameMetric(title, workload, Metric.PerSecond, contender);

    private static Figure Processor(string title, string contender) =>
        SameMetric(title, "refresh64", Metric.Processor, contender);

    private static Figure SameMetric(string title, string workload, string metric, string contender) =>
        new(title, workload, metric, new Reference(contender, workload, metric));

    private static string Format(double? value) => value is { } number ? Report.Format(number) : "";
}
