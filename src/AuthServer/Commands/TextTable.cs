using System.Text;

namespace AuthServer.Commands;

/// <summary>A table for a terminal. Each column is as wide as its widest cell.</summary>
internal sealed class TextTable(params IReadOnlyList<string> header)
{
    private readonly List<IReadOnlyList<string>> rows = [header];

    public void Add(params IReadOnlyList<string> row) => rows.Add(row);

    public override string ToString()
    {
        var widths = header.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return text.ToString();
    }
}
