using System.Globalization;
using System.Text;
using AuthServer.Benchmarks.Rounds;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Reports;

/// <summary>What a comparison found: medians of the rounds with the least and the most, and how they relate to ours.</summary>
internal static class Report
{
    /// <summary>Prints the report, and writes it as Markdown to a file of that name.</summary>
    /// <param name="name">The file's, without ending.</param>
    /// <param name="setting">Where and how it was measured.</param>
    /// <param name="works">What was done.</param>
    /// <param name="contenders">By whom.</param>
    /// <param name="samples">What was measured.</param>
    /// <param name="more">Further tables, after the others.</param>
    /// <param name="ct">Ends the writing.</param>
    public static async Task WriteAsync(
        string name,
        Table setting,
        IReadOnlyList<Work> works,
        IReadOnlyList<IContender> contenders,
        Samples samples,
        IReadOnlyList<(string Title, Table Table)> more,
        CancellationToken ct)
    {
        List<(string Title, Table Table)> sections =
        [
            ("Machine and settings", setting),
            .. works.Select(work => (work.Title, TableOf(work, contenders, samples))),
            ("Ratios", Reach.TableOf(samples)),
            .. more,
        ];
        sections.RemoveAll(section => section.Table.IsEmpty);

        Console.WriteLine(Join(sections, title => $"{title}\n", table => table.ToText(), samples.Failures));
        var file = Path.Combine(Repository.Artifacts, name + ".md");
        var markdown = Join(sections, title => $"## {title}\n\n", table => table.ToMarkdown(), samples.Failures);
        await File.WriteAllTextAsync(file, markdown, ct);
        Console.WriteLine($"As Markdown: {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
    }

    /// <summary>A value with three digits that count, or all of its whole ones.</summary>
    public static string Format(double value) => !double.IsFinite(value) ? "" : value.ToString(
        value switch { >= 100 => "#,0", >= 10 => "0.0", >= 1 => "0.00", _ => "0.###" }, CultureInfo.InvariantCulture);

    /// <summary>A median with the least and the most; empty where nothing was measured.</summary>
    public static string Format(Spread? spread) =>
        spread is { } s ? $"{Format(s.Median)} ({Format(s.Minimum)} – {Format(s.Maximum)})" : "";

    private static Table TableOf(Work work, IReadOnlyList<IContender> contenders, Samples samples)
    {
        var metrics = samples.MetricsOf(work.Name).ToList();
        var table = new Table(["", .. metrics, work.Kind == WorkKind.Start ? "ours ÷ it, in time" : "ours ÷ it"]);
        foreach (var contender in contenders.Where(c => samples.ContendersOf(work.Name).Contains(c.Name)))
        {
            var ours = samples.Find(work.Name, Peers.Ours, metrics[0]);
            var its = samples.Find(work.Name, contender.Name, metrics[0]);
            table.Add(
            [
                contender.Title,
                .. metrics.Select(metric => Format(samples.Find(work.Name, contender.Name, metric))),
                ours?.Median / its?.Median is { } ratio ? Format(ratio) : "",
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
