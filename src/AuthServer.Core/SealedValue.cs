using System.Security.Cryptography;
using System.Text;

namespace AuthServer.Core;

/// <summary>
/// Secrets as they are stored: encrypted and authenticated under a root key, for one place in the database. The bytes are the
/// number of the root key (1), nonce (12), tag (16) and ciphertext. Source: NIST SP 800-38D.
/// </summary>
public static class SealedValue
{
    /// <summary>Length of a nonce, in bytes. It is drawn at random for each value.</summary>
    public const int NonceLength = 12;

    private const int NonceAt = 1;
    private const int TagAt = NonceAt + NonceLength;
    private const int TagLength = 16;
    private const int CiphertextAt = TagAt + TagLength;

    /// <summary>Seals a secret under the current root key.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="place">The place that it is for. It can be opened for no other.</param>
    /// <param name="nonce">Random bytes that were used for no other value.</param>
    /// <param name="root">The root keys.</param>
    public static byte[] Seal(ReadOnlySpan<byte> secret, SealedPlace place, ReadOnlySpan<byte> nonce, RootKeyRing root)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(root);
        var value = new byte[CiphertextAt + secret.Length];
        value[0] = root.Current;
        nonce.CopyTo(value.AsSpan(NonceAt, NonceLength));
        using var cipher = new AesGcm(root.Derive(root.Current, place.Purpose), TagLength);
        cipher.Encrypt(
            nonce, secret, value.AsSpan(CiphertextAt), value.AsSpan(TagAt, TagLength), place.ToBytes(root.Current));
        return value;
    }

    /// <summary>Opens a value. Null if it was sealed for another place, under an unknown root key, or was changed.</summary>
    /// <param name="value">The bytes that <see cref="Seal"/> returned.</param>
    /// <param name="place">The place that the value was found in.</param>
    /// <param name="root">The root keys.</param>
    public static byte[]? Open(ReadOnlySpan<byte> value, SealedPlace place, RootKeyRing root)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(root);
        if (value.Length < CiphertextAt || !root.Numbers.Contains(value[0]))
        {
            return null;
        }

        var secret = new byte[value.Length - CiphertextAt];
        using var cipher = new AesGcm(root.Derive(value[0], place.Purpose), TagLength);
        try
        {
            cipher.Decrypt(
                value[NonceAt..TagAt], value[CiphertextAt..], value[TagAt..CiphertextAt], secret, place.ToBytes(value[0]));
            return secret;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>The number of the root key that a value was sealed under; -1 for no value, if its row was changed.</summary>
    public static int RootOf(ReadOnlySpan<byte> value) => value.IsEmpty ? -1 : value[0];
}

/// <summary>A place in the database that a secret is sealed for.</summary>
/// <param name="Purpose">The kind of secret. Each has a key of its own.</param>
/// <param name="Row">The row.</param>
/// <param name="Owner">The account that the secret is of; empty if it is the server's.</param>
/// <param name="Algorithm">The algorithm that the secret is a key of.</param>
public sealed record SealedPlace(string Purpose, string Row, string Owner, string Algorithm)
{
    // Each part with its length before it, so that no two places have the same bytes.
    internal byte[] ToBytes(byte root)
    {
        var bytes = new List<byte> { root };
        foreach (var part in (string[])[Purpose, Row, Owner, Algorithm])
        {
            var text = Encoding.UTF8.GetBytes(part);
            bytes.AddRange(BitConverter.GetBytes(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(text.Length)));
            bytes.AddRange(text);
        }

        return [.. bytes];
    }
}
