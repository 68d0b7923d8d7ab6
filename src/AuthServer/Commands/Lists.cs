using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AuthServer.Commands;

/// <summary>Lists of any length on standard output: as a table for people, or as JSON with an object a line.</summary>
internal static class Lists
{
    /// <summary>Stands in a table for a value that is not there.</summary>
    public const string None = "-";

    // A table is written in parts, because nothing is known of the widths of later rows.
    private const int RowsOfPart = 500;

    public static Option<bool> Json() => new("--json") { Description = "Writes JSON, with one object a line." };

    public static string Moment(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The name of a value as JSON and the guide have it; null for null.</summary>
    public static string? NameOf(Enum? value) =>
        value is null ? null : JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    public static string NoAccount(string name) => $"There is no account {name}.";

    public static async Task WriteTableAsync<T>(
        this IAsyncEnumerable<T> list, TextTable table, Func<T, string[]> rowOf, CancellationToken ct)
    {
        await foreach (var one in list.WithCancellation(ct))
        {
            table.Add(rowOf(one));
            if (table.Count >= RowsOfPart)
            {
                await Console.Out.WriteAsync(table.Take());
            }
        }

        await Console.Out.WriteAsync(table.Take());
    }

    public static async Task WriteLinesAsync<T>(this IAsyncEnumerable<T> list, JsonTypeInfo<T> type, CancellationToken ct)
    {
        await foreach (var one in list.WithCancellation(ct))
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(one, type));
        }
    }
}
