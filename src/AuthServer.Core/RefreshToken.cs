using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace AuthServer.Core;

/// <summary>
/// The content of a refresh token: a session and one of its generations. On the wire it is base64url over version (1 byte), key
/// id (1), session id (16), generation (4) and HMAC-SHA256 over those (32), integers big-endian. It is derived, not random: the
/// same session and generation give the same token under the same key.
/// </summary>
/// <param name="SessionId">The session.</param>
/// <param name="Generation">Number of the token in its session: 0 at the login, more with every rotation.</param>
public readonly record struct RefreshToken(Guid SessionId, uint Generation)
{
    /// <summary>Length on the wire, in characters.</summary>
    public const int EncodedLength = 72;

    private const byte Version = 1;
    private const int KeyIdAt = 1;
    private const int SessionAt = 2;
    private const int GenerationAt = 18;
    private const int MacAt = 22;
    private const int Length = MacAt + HMACSHA256.HashSizeInBytes;

    /// <summary>Encodes the token for the wire, under the newest key that makes tokens.</summary>
    public string Encode(RefreshKeyRing keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        bytes[KeyIdAt] = keys.Current;
        SessionId.TryWriteBytes(bytes[SessionAt..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[GenerationAt..], Generation);
        keys[keys.Current]!.Authenticate(bytes[..MacAt], bytes[MacAt..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>
    /// Reads a token that was made under one of the keys. False for any other text: malformed, truncated, forged or of an unknown
    /// key.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, RefreshKeyRing keys, out RefreshToken token)
    {
        ArgumentNullException.ThrowIfNull(keys);
        token = default;
        Span<byte> bytes = stackalloc byte[Length];

        // 54 bytes fill 72 characters to the last bit, so a text with white space or padding decodes to fewer and is refused.
        // TryDecodeFromChars is not used because it throws on a character outside the alphabet.
        if (text.Length != EncodedLength
            || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done
            || written != Length)
        {
            return false;
        }

        if (bytes[0] != Version || keys[bytes[KeyIdAt]] is not { } key)
        {
            return false;
        }

        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        key.Authenticate(bytes[..MacAt], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes[MacAt..]))
        {
            return false;
        }

        token = new RefreshToken(
            new Guid(bytes[SessionAt..GenerationAt], bigEndian: true),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[GenerationAt..]));
        return true;
    }
}
