using System.Security.Cryptography;
using System.Text;

namespace AuthServer.Core;

/// <summary>
/// The root keys by number: the only secret of a server and of its nodes. All other keys are derived from them. Safe to share.
/// </summary>
public sealed class RootKeyRing
{
    /// <summary>Minimum length of a root key, and length of a derived key, in bytes. Source: RFC 2104 §3.</summary>
    public const int KeyLength = 32;

    private readonly Dictionary<byte, byte[]> keys;

    /// <summary>Copies the keys. The highest number is the newest.</summary>
    /// <param name="keys">The keys by number.</param>
    /// <param name="highest">Highest number that creates. Keys above it only verify and open.</param>
    /// <exception cref="ArgumentException">
    /// No key may create, or one is shorter than <see cref="KeyLength"/>.
    /// </exception>
    public RootKeyRing(IReadOnlyDictionary<byte, byte[]> keys, byte highest = byte.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (!keys.Keys.Any(number => number <= highest) || keys.Values.Any(key => key.Length < KeyLength))
        {
            throw new ArgumentException(
                $"At least one key is needed, and each must have {KeyLength} bytes or more.", nameof(keys));
        }

        this.keys = keys.ToDictionary(key => key.Key, key => key.Value.ToArray());
        Current = keys.Keys.Where(number => number <= highest).Max();
    }

    /// <summary>Number of the key that everything new is created under.</summary>
    public byte Current { get; }

    /// <summary>The numbers of all keys.</summary>
    public IReadOnlyCollection<byte> Numbers => keys.Keys;

    /// <summary>Derives a key of <see cref="KeyLength"/> bytes. Source: RFC 5869.</summary>
    /// <param name="number">The number of a root key.</param>
    /// <param name="purpose">The purpose of the derived key. No two purposes share a key.</param>
    /// <exception cref="KeyNotFoundException">There is no root key of this number.</exception>
    public byte[] Derive(byte number, string purpose) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, keys[number], KeyLength, info: Encoding.UTF8.GetBytes("authserver " + purpose));
}
