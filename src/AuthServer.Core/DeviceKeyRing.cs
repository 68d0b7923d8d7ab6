using System.Security.Cryptography;

namespace AuthServer.Core;

/// <summary>
/// Keys that device tokens are authenticated under. Each is derived from the refresh key of its number, so there is no further
/// secret. Source: RFC 5869. Safe to share.
/// </summary>
public sealed class DeviceKeyRing
{
    /// <summary>Derives the keys.</summary>
    /// <inheritdoc cref="RefreshKeyRing(IReadOnlyDictionary{byte, byte[]}, byte)"/>
    public DeviceKeyRing(IReadOnlyDictionary<byte, byte[]> keys, byte highest = byte.MaxValue) =>
        Keys = new RefreshKeyRing(keys.ToDictionary(key => key.Key, key => Derive(key.Value)), highest);

    /// <summary>The derived keys.</summary>
    internal RefreshKeyRing Keys { get; }

    private static byte[] Derive(byte[] key) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, key, HMACSHA256.HashSizeInBytes, info: "authserver device tokens"u8.ToArray());
}
