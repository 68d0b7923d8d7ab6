namespace AuthServer.Core;

/// <summary>The keys that refresh tokens are derived under: one makes tokens, all of them check. Safe to share.</summary>
public sealed class RefreshKeyRing
{
    /// <summary>Shortest key, in bytes: the output of SHA-256. Source: RFC 2104 §3.</summary>
    public const int MinimumKeyLength = 32;

    private readonly RefreshKey?[] keys = new RefreshKey[byte.MaxValue + 1];

    /// <summary>Takes the keys by id; the highest id is the newest.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="highest">Keys with a higher id check tokens and do not make any yet.</param>
    /// <exception cref="ArgumentException">There is no key to make tokens, or one is shorter than <see cref="MinimumKeyLength"/>.</exception>
    public RefreshKeyRing(IReadOnlyDictionary<byte, byte[]> keys, byte highest = byte.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (!keys.Keys.Any(id => id <= highest) || keys.Values.Any(key => key.Length < MinimumKeyLength))
        {
            throw new ArgumentException($"At least one key is needed, and each must have {MinimumKeyLength} bytes or more.", nameof(keys));
        }

        foreach (var (id, key) in keys)
        {
            this.keys[id] = new RefreshKey([.. key]);
        }

        CurrentId = keys.Keys.Where(id => id <= highest).Max();
    }

    /// <summary>The id of the key that new tokens are derived under.</summary>
    public byte CurrentId { get; }

    /// <summary>The key of an id; null where there is none.</summary>
    internal RefreshKey? this[byte id] => keys[id];
}
