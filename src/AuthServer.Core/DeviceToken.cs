using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace AuthServer.Core;

/// <summary>
/// The content of a device token: a device that has logged in to an account. It proves nothing but that. On the wire it is
/// base64url, with integers big-endian. The fields are version (1 byte), key id (1), device id (16), user id (16), moment of
/// issue in Unix seconds (8) and tag (16). HMAC-SHA256 over those (32) follows.
/// </summary>
/// <remarks>
/// The MAC is checked without the database. The tag is compared once the account is read. It is the first half of a MAC over the
/// device and the account's security stamp, so a change of credentials makes the token void.
/// </remarks>
public sealed record DeviceToken
{
    /// <summary>Length on the wire, in characters.</summary>
    public const int EncodedLength = 120;

    /// <summary>Time for which a token is valid.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);

    private const byte Version = 1;
    private const int KeyIdAt = 1;
    private const int DeviceAt = 2;
    private const int UserAt = 18;
    private const int IssuedAtAt = 34;
    private const int TagAt = 42;
    private const int MacAt = 58;
    private const int Length = MacAt + HMACSHA256.HashSizeInBytes;

    private DeviceToken()
    {
    }

    /// <summary>The device. It keeps its id in later tokens.</summary>
    public required Guid DeviceId { get; init; }

    /// <summary>The account.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The moment of issue, in whole seconds.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    private byte KeyId { get; init; }

    private UInt128 Tag { get; init; }

    /// <summary>Issues a token under the newest key that makes tokens.</summary>
    /// <param name="deviceId">The device.</param>
    /// <param name="userId">The account.</param>
    /// <param name="securityStamp">The security stamp of the account.</param>
    /// <param name="now">The moment of issue; the token has its whole second.</param>
    /// <param name="keys">The keys.</param>
    public static DeviceToken Issue(
        Guid deviceId, Guid userId, Guid securityStamp, DateTimeOffset now, DeviceKeyRing keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var id = keys.Current;
        return new DeviceToken
        {
            DeviceId = deviceId,
            UserId = userId,
            IssuedAt = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
            KeyId = id,
            Tag = TagOf(deviceId, securityStamp, keys[id]!),
        };
    }

    /// <summary>Encodes the token for the wire, under the key that it was issued under.</summary>
    public string Encode(DeviceKeyRing keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        bytes[KeyIdAt] = KeyId;
        DeviceId.TryWriteBytes(bytes[DeviceAt..], bigEndian: true, out _);
        UserId.TryWriteBytes(bytes[UserAt..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes[IssuedAtAt..], IssuedAt.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt128BigEndian(bytes[TagAt..], Tag);
        keys[KeyId]!.Authenticate(bytes[..MacAt], bytes[MacAt..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>
    /// Reads a token that was issued under one of the keys and is not older than <see cref="Lifetime"/>. Null for any other text:
    /// malformed, truncated, forged or of an unknown key.
    /// </summary>
    public static DeviceToken? Parse(ReadOnlySpan<char> text, DeviceKeyRing keys, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Span<byte> bytes = stackalloc byte[Length];

        // 90 bytes fill 120 characters to the last bit, as in a refresh token.
        if (text.Length != EncodedLength
            || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done
            || written != Length
            || bytes[0] != Version
            || keys[bytes[KeyIdAt]] is not { } key)
        {
            return null;
        }

        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        key.Authenticate(bytes[..MacAt], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes[MacAt..]))
        {
            return null;
        }

        var token = new DeviceToken
        {
            DeviceId = new Guid(bytes[DeviceAt..UserAt], bigEndian: true),
            UserId = new Guid(bytes[UserAt..IssuedAtAt], bigEndian: true),
            IssuedAt = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(bytes[IssuedAtAt..])),
            KeyId = bytes[KeyIdAt],
            Tag = BinaryPrimitives.ReadUInt128BigEndian(bytes[TagAt..]),
        };
        return now < token.IssuedAt + Lifetime ? token : null;
    }

    /// <summary>True if the token is of an account whose credentials have not changed since it was issued.</summary>
    /// <param name="userId">The account.</param>
    /// <param name="securityStamp">The security stamp of the account.</param>
    /// <param name="keys">The keys that the token was read with.</param>
    public bool IsOf(Guid userId, Guid securityStamp, DeviceKeyRing keys)
    {
        ArgumentNullException.ThrowIfNull(keys);

        // Not in fixed time: the MAC has shown that the tag is ours, so a caller can't try tags.
        return UserId == userId && keys[KeyId] is { } key && Tag == TagOf(DeviceId, securityStamp, key);
    }

    private static UInt128 TagOf(Guid deviceId, Guid securityStamp, MacKey key)
    {
        // Of another length than what the MAC covers, so that one is never taken for the other.
        Span<byte> source = stackalloc byte[32];
        deviceId.TryWriteBytes(source, bigEndian: true, out _);
        securityStamp.TryWriteBytes(source[16..], bigEndian: true, out _);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        key.Authenticate(source, mac);
        return BinaryPrimitives.ReadUInt128BigEndian(mac);
    }
}
