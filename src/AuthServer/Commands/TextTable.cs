using System.Text;
using AuthServer.Core;

namespace AuthServer.Commands;

/// <summary>
/// A table for a terminal. Each column is as wide as its widest cell so far, and no cell has characters that a terminal obeys.
/// </summary>
internal sealed class TextTable(params IReadOnlyList<string> header)
{
    private readonly int[] widths = [.. header.Select(_ => 0)];
    private readonly List<IReadOnlyList<string>> rows = [header];

    /// <summary>Number of rows that were added and not taken, with the header.</summary>
    public int Count => rows.Count;

    public void Add(params IReadOnlyList<string> row) => rows.Add([.. row.Select(DisplayText.Escape)]);

    /// <summary>Takes the rows so far, as lines.</summary>
    public string Take()
    {
        var text = new StringBuilder();
        for (var column = 0; column < widths.Length; column++)
        {
            widths[column] = Math.Max(widths[column], rows.Select(row => row[column].Length).DefaultIfEmpty().Max());
        }

        foreach (var row in rows)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        rows.Clear();
        return text.ToString();
    }
}
