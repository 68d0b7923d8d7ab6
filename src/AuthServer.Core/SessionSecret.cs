using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace AuthServer.Core;

/// <summary>
/// The form of refresh tokens and of session handles. It is base64url over version (1 byte), key id (1), session id (16), number
/// (4) and HMAC-SHA256 over those (32), integers big-endian. It is derived, not random. Each purpose has keys of its own, so what
/// was made for one is forged for any other.
/// </summary>
internal static class SessionSecret
{
    /// <summary>Length on the wire, in characters.</summary>
    public const int EncodedLength = 72;

    private const byte Version = 1;
    private const int KeyIdAt = 1;
    private const int SessionAt = 2;
    private const int NumberAt = 18;
    private const int MacAt = 22;
    private const int Length = MacAt + HMACSHA256.HashSizeInBytes;

    /// <summary>Encodes a session and a number under the newest key that creates.</summary>
    public static string Encode(Guid sessionId, uint number, MacKeyRing keys)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        bytes[KeyIdAt] = keys.Current;
        sessionId.TryWriteBytes(bytes[SessionAt..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[NumberAt..], number);
        keys[keys.Current]!.Authenticate(bytes[..MacAt], bytes[MacAt..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>
    /// Reads what was made under one of the keys. False for any other text: malformed, truncated, forged or of an unknown key.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, MacKeyRing keys, out Guid sessionId, out uint number)
    {
        (sessionId, number) = (default, default);
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

        sessionId = new Guid(bytes[SessionAt..NumberAt], bigEndian: true);
        number = BinaryPrimitives.ReadUInt32BigEndian(bytes[NumberAt..]);
        return true;
    }
}
