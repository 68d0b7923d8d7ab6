using System.Globalization;
using System.Text;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Reports;

/// <summary>
/// The report of a comparison: for each metric the median, minimum and maximum of the rounds, and the ratio of AuthServer to each
/// contender.
/// </summary>
internal static class Report
{
    /// <summary>Prints the report, and saves it as a Markdown file in <see cref="Repository.Artifacts"/>.</summary>
    /// <param name="name">Name of the file, without extension.</param>
    /// <param name="description">Description of the run.</param>
    /// <param name="workloads">Workloads, one section each.</param>
    /// <param name="contenders">Contenders, one row each.</param>
    /// <param name="samples">Measured values.</param>
    /// <param name="more">Further sections, at the end of the report.</param>
    /// <param name="ct">Cancels the writing of the file.</param>
    public static async Task WriteAsync(
        string name,
        Table description,
        IReadOnlyList<Workload> workloads,
        IReadOnlyList<IContender> contenders,
        Samples samples,
        IReadOnlyList<(string Title, Table Table)> more,
        CancellationToken ct)
    {
        List<(string Title, Table Table)> sections =
        [
            ("Machine and settings", description),
            .. workloads.Select(workload => (workload.Title, CreateTable(workload, contenders, samples))),
            ("Ratios", KeyFigures.CreateTable(samples)),
            .. more,
        ];
        sections.RemoveAll(section => section.Table.IsEmpty);

        Console.WriteLine(Join(sections, title => $"{title}\n", table => table.ToText(), samples.Failures));
        var file = Path.Combine(Repository.Artifacts, name + ".md");
        var markdown = Join(sections, title => $"## {title}\n\n", table => table.ToMarkdown(), samples.Failures);
        await File.WriteAllTextAsync(file, markdown, ct);
        Console.WriteLine($"Saved as Markdown: {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
    }

    /// <summary>Formats a value with three significant digits, or with all digits of its integer part if it has more.</summary>
    public static string Format(double value) => !double.IsFinite(value) ? "" : value.ToString(
        value switch { >= 100 => "#,0", >= 10 => "0.0", >= 1 => "0.00", _ => "0.###" }, CultureInfo.InvariantCulture);

    /// <summary>Formats a median with minimum and maximum. Empty if nothing was measured.</summary>
    public static string Format(Spread? spread) =>
        spread is { } s ? $"{Format(s.Median)} ({Format(s.Minimum)} – {Format(s.Maximum)})" : "";

    private static Table CreateTable(Workload workload, IReadOnlyList<IContender> contenders, Samples samples)
    {
        var metrics = samples.MetricsOf(workload.Name).ToList();
        var ratioTitle = workload.Kind == WorkloadKind.Start ? "AuthServer's time ÷ this" : "AuthServer ÷ this";
        var table = new Table(["", .. metrics, ratioTitle]);
        foreach (var contender in contenders.Where(c => samples.ContendersOf(workload.Name).Contains(c.Name)))
        {
            var own = samples.Find(workload.Name, Peers.AuthServer, metrics[0]);
            var other = samples.Find(workload.Name, contender.Name, metrics[0]);
            table.Add(
            [
                contender.Title,
                .. metrics.Select(metric => Format(samples.Find(workload.Name, contender.Name, metric))),
                own?.Median / other?.Median is { } ratio ? Format(ratio) : "",
            ]);
        }

        return table;
    }

    private static string Join(
        List<(string Title, Table Table)> sections, Func<string, string> title, Func<Table, string> body, IList<string> failures)
    {
        var text = new StringBuilder();
        foreach (var section in sections)
        {
            text.Append(title(section.Title)).AppendLine(body(section.Table));
        }

        foreach (var failure in failures)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"FAILED: {failure}");
        }

        return text.ToString();
    }
}
