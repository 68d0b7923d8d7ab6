using System.Globalization;
using System.Security.Cryptography;

namespace AuthServer.Core.Tests;

/// <summary>Arbitrary data for tests.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Login = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Guid Session = Guid.Parse("01234567-89ab-cdef-0123-456789abcdef");

    /// <summary>A key that differs for every seed.</summary>
    public static byte[] Key(int seed, int length = RootKeyRing.KeyLength) =>
        [.. Enumerable.Range(0, length).Select(i => (byte)(seed + i))];

    /// <summary>Root keys of the given numbers, each with a key of its own.</summary>
    public static RootKeyRing Roots(params byte[] numbers) => new(numbers.ToDictionary(number => number, number => Key(number)));

    /// <summary>The keys of refresh tokens under root keys of the given numbers.</summary>
    public static RefreshKeyRing Keys(params byte[] numbers) => new(Roots(numbers));

    /// <summary>The key of refresh tokens under a root key. Source: RFC 5869 §2, by its two steps.</summary>
    public static byte[] RefreshKey(byte[] root)
    {
        var extracted = HMACSHA256.HashData(new byte[32], root);
        byte[] info = [.. "authserver refresh tokens"u8, 1];
        return HMACSHA256.HashData(extracted, info);
    }

    /// <summary>A text repeated.</summary>
    public static string Times(int count, string text) => string.Concat(Enumerable.Repeat(text, count));

    /// <summary>A text as its UTF-16 code units, for messages about invisible characters.</summary>
    public static string Codes(string? text) =>
        text is null ? "null" : string.Join(' ', text.Select(c => ((int)c).ToString("X4", CultureInfo.InvariantCulture)));
}
