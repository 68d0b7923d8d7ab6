using System.Buffers;
using System.Buffers.Text;

namespace AuthServer.Core;

/// <summary>
/// Sealed bytes that clients carry: base64url over a <see cref="SealedValue"/>. Each has one spelling, and its text discloses
/// nothing.
/// </summary>
public static class SealedText
{
    // Adds what sealing adds, and counts in characters of base64url.
    private const int Added = 64;

    /// <summary>Seals bytes for the wire, under the root key that creates.</summary>
    /// <inheritdoc cref="SealedValue.Seal" path="/param"/>
    public static string Seal(ReadOnlySpan<byte> secret, SealedPlace place, ReadOnlySpan<byte> nonce, RootKeyRing root) =>
        Base64Url.EncodeToString(SealedValue.Seal(secret, place, nonce, root));

    /// <summary>Opens a text. Null for any that is none, was changed, or is of another place.</summary>
    /// <param name="text">The text as given.</param>
    /// <param name="longest">Longest secret, in bytes.</param>
    /// <param name="place">The place that it is for.</param>
    /// <param name="root">The root keys.</param>
    public static byte[]? Open(string text, int longest, SealedPlace place, RootKeyRing root)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > (longest + Added) * 4 / 3)
        {
            return null;
        }

        // Other texts decode to the same bytes: with white space, with padding, or with other last bits.
        var value = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.DecodeFromChars(text, value, out _, out var length) == OperationStatus.Done
            && Base64Url.EncodeToString(value.AsSpan(0, length)) == text
                ? SealedValue.Open(value.AsSpan(0, length), place, root)
                : null;
    }
}
