using System.Buffers;
using System.Buffers.Text;

namespace AuthServer.Bearer;

/// <summary>The compact serialization of a JWS. Source: RFC 7515 §7.1.</summary>
internal static class CompactJws
{
    private const int Parts = 3;

    /// <summary>
    /// True if a text is three parts in base64url, the first two of them objects of the given forms. Each part has one spelling:
    /// without padding, white space and spare bits (RFC 7515 §2).
    /// </summary>
    public static bool Matches(ReadOnlySpan<char> text, JsonObjectForm header, JsonObjectForm payload)
    {
        Span<Range> parts = stackalloc Range[Parts + 1];
        if (text.Split(parts, '.') != Parts)
        {
            return false;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(text.Length);
        var spelling = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            return TryDecode(text[parts[0]], bytes, spelling, out var length) && header.Matches(bytes.AsSpan(0, length))
                && TryDecode(text[parts[1]], bytes, spelling, out length) && payload.Matches(bytes.AsSpan(0, length))
                && TryDecode(text[parts[2]], bytes, spelling, out _);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<char>.Shared.Return(spelling);
        }
    }

    // The decoder skips white space and padding, so only a part that is encoded to the same text counts.
    private static bool TryDecode(ReadOnlySpan<char> part, Span<byte> bytes, Span<char> spelling, out int length) =>
        Base64Url.DecodeFromChars(part, bytes, out _, out length) == OperationStatus.Done
        && Base64Url.TryEncodeToChars(bytes[..length], spelling, out var characters)
        && part.SequenceEqual(spelling[..characters]);
}
