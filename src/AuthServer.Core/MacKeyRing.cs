namespace AuthServer.Core;

/// <summary>
/// Keys of HMAC-SHA256 for one purpose, one derived from each root key. The current one authenticates, all of them verify. Safe
/// to share.
/// </summary>
public abstract class MacKeyRing
{
    private readonly MacKey?[] keys = new MacKey[byte.MaxValue + 1];

    private protected MacKeyRing(RootKeyRing root, string purpose)
    {
        ArgumentNullException.ThrowIfNull(root);
        foreach (var number in root.Numbers)
        {
            keys[number] = new MacKey(root.Derive(number, purpose));
        }

        Current = root.Current;
    }

    /// <summary>Number of the key that new tokens are created under.</summary>
    public byte Current { get; }

    /// <summary>The key of a number; null if there is none.</summary>
    internal MacKey? this[byte number] => keys[number];
}

/// <summary>The keys of refresh tokens.</summary>
/// <param name="root">The root keys.</param>
public sealed class RefreshKeyRing(RootKeyRing root) : MacKeyRing(root, "refresh tokens");

/// <summary>The keys of session handles.</summary>
/// <param name="root">The root keys.</param>
public sealed class SessionHandleKeyRing(RootKeyRing root) : MacKeyRing(root, "session handles");

/// <summary>The keys of device tokens.</summary>
/// <param name="root">The root keys.</param>
public sealed class DeviceKeyRing(RootKeyRing root) : MacKeyRing(root, "device tokens");
