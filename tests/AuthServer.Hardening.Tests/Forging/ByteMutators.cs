using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AuthServer.Hardening.Tests.Forging;

/// <summary>Changes of the bytes of an opaque token, which begins with version and key id and ends with a MAC.</summary>
internal static class ByteMutators
{
    private const int MacLength = 32;

    // Keys that a careless server might have, in addition to bytes that any client knows.
    private static readonly byte[][] GuessedKeys =
        [[], [0], new byte[16], new byte[32], new byte[64], "secret"u8.ToArray(), "authserver"u8.ToArray()];

    public static IReadOnlyList<Mutator> All { get; } =
    [
        Of("bit of bytes", (bytes, _, random) => bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8))),
        Of("byte", (bytes, _, random) => bytes[random.Next(bytes.Length)] = (byte)random.Next(256)),
        Of("version", (bytes, _, random) => bytes[0] = (byte)random.Next(256)),
        Of("key id", (bytes, _, random) => bytes[1 % bytes.Length] = (byte)random.Next(256)),
        Of("bytes before MAC", (bytes, _, random) => random.NextBytes(Head(bytes))),
        Of("number before MAC", (bytes, _, random) => Head(bytes)[^1] += (byte)random.Next(1, 256)),
        Of("random MAC", (bytes, _, random) => random.NextBytes(Mac(bytes))),
        Of("empty MAC", (bytes, _, _) => Mac(bytes).Clear()),
        Of("MAC of another", (bytes, another, _) => Mac(another).CopyTo(Mac(bytes))),
        Of("bytes of another before MAC", (bytes, another, _) => Head(another).CopyTo(Head(bytes))),
        Of("MAC under guessed key", (bytes, another, random) =>
        {
            byte[][] keys = [.. GuessedKeys, [.. bytes], [.. Head(bytes)], [.. Mac(bytes)], [.. another]];
            HMACSHA256.HashData(keys[random.Next(keys.Length)], Head(bytes)).CopyTo(Mac(bytes));
        }),
        Of("hash in place of MAC", (bytes, _, _) => SHA256.HashData(Head(bytes)).CopyTo(Mac(bytes))),
        Of("reversed bytes", (bytes, _, _) => Array.Reverse(bytes)),
        new("hexadecimal", (text, _, _) => TryDecode(text, out var bytes) ? Convert.ToHexStringLower(bytes) : text),
        new("encoded twice", (text, _, _) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))),
        new("bytes behind", (text, _, random) => TryDecode(text, out var bytes)
            ? Base64Url.EncodeToString([.. bytes, .. new byte[random.Next(1, 64)]])
            : text),
        new("bytes missing", (text, _, random) => TryDecode(text, out var bytes) && bytes.Length > 0
            ? Base64Url.EncodeToString(bytes.AsSpan(..^random.Next(1, bytes.Length + 1)))
            : text),
    ];

    // Tokens that are too short for a MAC change as a whole.
    private static Span<byte> Head(byte[] bytes) => bytes.AsSpan(0, Math.Max(1, bytes.Length - MacLength));

    private static Span<byte> Mac(byte[] bytes) => bytes.Length <= MacLength ? default : bytes.AsSpan(bytes.Length - MacLength);

    private static Mutator Of(string name, Action<byte[], byte[], Random> change) => new(name, (text, material, random) =>
    {
        // A text of another length than the genuine one has its parts in other places, and no meaning here.
        if (!TryDecode(text, out var bytes) || !TryDecode(material.Another, out var another) || bytes.Length != another.Length)
        {
            return text;
        }

        change(bytes, another, random);
        return Base64Url.EncodeToString(bytes);
    });

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : [];
        return bytes.Length > 0;
    }
}
