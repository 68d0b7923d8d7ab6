namespace AuthServer.Core;

/// <summary>Keys that refresh tokens are derived under: one makes tokens, all of them verify. Safe to share.</summary>
public sealed class RefreshKeyRing
{
    /// <summary>Minimum length of a key, in bytes: the output of SHA-256. Source: RFC 2104 §3.</summary>
    public const int MinimumKeyLength = 32;

    private readonly RefreshKey?[] keys = new RefreshKey[byte.MaxValue + 1];

    /// <summary>Copies the keys. The highest id is the newest.</summary>
    /// <param name="keys">The keys by id.</param>
    /// <param name="highest">Highest id that makes tokens. Keys above it only verify.</param>
    /// <exception cref="ArgumentException">
    /// No key can make tokens, or one is shorter than <see cref="MinimumKeyLength"/>.
    /// </exception>
    public RefreshKeyRing(IReadOnlyDictionary<byte, byte[]> keys, byte highest = byte.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (!keys.Keys.Any(id => id <= highest) || keys.Values.Any(key => key.Length < MinimumKeyLength))
        {
            throw new ArgumentException(
                $"At least one key is needed, and each must have {MinimumKeyLength} bytes or more.", nameof(keys));
        }

        foreach (var (id, key) in keys)
        {
            this.keys[id] = new RefreshKey([.. key]);
        }

        CurrentId = keys.Keys.Where(id => id <= highest).Max();
    }

    /// <summary>Id of the key that new tokens are derived under.</summary>
    public byte CurrentId { get; }

    /// <summary>The key of an id; null if there is none.</summary>
    internal RefreshKey? this[byte id] => keys[id];
}
