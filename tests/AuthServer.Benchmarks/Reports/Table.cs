using System.Text;

namespace AuthServer.Benchmarks.Reports;

/// <summary>A table of figures, as plain text or Markdown. The first column has the names of the rows.</summary>
internal sealed class Table(params IReadOnlyList<string> header)
{
    private readonly List<IReadOnlyList<string>> rows = [];

    public bool IsEmpty => rows.Count == 0;

    public void Add(params IReadOnlyList<string> row) => rows.Add(row);

    public string ToText()
    {
        var widths = header.Select((_, column) => rows.Append(header).Max(row => row[column].Length)).ToList();
        var text = new StringBuilder();
        foreach (var row in rows.Prepend(header))
        {
            var cells = row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.AppendJoin("  ", cells).AppendLine();
        }

        return text.ToString();
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        AppendRow(text, header);
        AppendRow(text, header.Select((_, column) => column == 0 ? "---" : "--:"));
        foreach (var row in rows)
        {
            AppendRow(text, row);
        }

        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
}
