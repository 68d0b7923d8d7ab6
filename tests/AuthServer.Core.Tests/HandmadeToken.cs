using System.Security.Cryptography;

namespace AuthServer.Core.Tests;

/// <summary>A refresh token made by hand from the contract: an oracle of the real one, and the means of forgery.</summary>
internal sealed record HandmadeToken
{
    public byte Version { get; init; } = 1;

    public byte KeyId { get; init; } = 1;

    public Guid Session { get; init; } = Some.Session;

    public uint Generation { get; init; } = 7;

    /// <summary>The key of the MAC, regardless of <see cref="KeyId"/>.</summary>
    public byte[] Key { get; init; } = Some.RefreshKey(Some.Key(1));

    public byte[] ToBytes()
    {
        // The text of a Guid is its bytes in network order, unlike ToByteArray.
        byte[] named =
        [
            Version, KeyId, .. Convert.FromHexString(Session.ToString("N")),
            (byte)(Generation >> 24), (byte)(Generation >> 16), (byte)(Generation >> 8), (byte)Generation,
        ];
        using var mac = new HMACSHA256(Key);
        return [.. named, .. mac.ComputeHash(named)];
    }

    public override string ToString() => Encode(ToBytes());

    public static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_');

    public static byte[] Decode(string text) => Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/'));
}
