using System.Globalization;

namespace AuthServer.Core.Tests;

/// <summary>Arbitrary data for tests.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Login = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Guid Session = Guid.Parse("01234567-89ab-cdef-0123-456789abcdef");

    /// <summary>A key that differs for every seed.</summary>
    public static byte[] Key(int seed, int length = RefreshKeyRing.MinimumKeyLength) =>
        [.. Enumerable.Range(0, length).Select(i => (byte)(seed + i))];

    /// <summary>A ring of the given ids, each with a key of its own.</summary>
    public static RefreshKeyRing Keys(params byte[] ids) => new(ids.ToDictionary(id => id, id => Key(id)));

    /// <summary>A text repeated.</summary>
    public static string Times(int count, string text) => string.Concat(Enumerable.Repeat(text, count));

    /// <summary>A text as its UTF-16 code units, for messages about invisible characters.</summary>
    public static string Codes(string? text) =>
        text is null ? "null" : string.Join(' ', text.Select(c => ((int)c).ToString("X4", CultureInfo.InvariantCulture)));
}
