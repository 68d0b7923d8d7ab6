using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Storage;
using Microsoft.Extensions.Options;

namespace AuthServer.Tokens;

/// <summary>The root keys of the server that are not revoked, and the keys that are derived from them. Safe to share.</summary>
internal sealed class ServerKeys : IReloadable
{
    private readonly KeyStore store;
    private readonly Dictionary<byte, byte[]> all;
    private readonly byte highest;
    private volatile Rings rings;

    /// <summary>Reads the root keys from configuration, or else from the folder.</summary>
    /// <exception cref="StartupException">There is no key, or one is unfit.</exception>
    public ServerKeys(IOptions<KeyOptions> options, RootKeyFiles files, KeyStore store)
    {
        this.store = store;
        all = options.Value.Root.Count == 0 ? files.Read() : options.Value.Root.ToDictionary(
            key => KeyMaterial.ParseId(key.Key, $"Keys:Root:{key.Key}"),
            key => KeyMaterial.Parse(key.Value, $"Keys:Root:{key.Key}"));
        highest = options.Value.Highest;
        if (all.Count == 0)
        {
            throw new StartupException(
                $"There is no root key in {files.Folder} yet; start the server once, or set Keys:Root:1.");
        }

        if (!all.Keys.Any(number => number <= highest))
        {
            throw new StartupException(
                $"Keys:Highest is {highest}, and no root key has a number up to that; raise it, or leave it out.");
        }

        rings = new Rings(new RootKeyRing(all, highest));
    }

    /// <summary>The root keys.</summary>
    public RootKeyRing Root => rings.Root;

    /// <summary>The keys that refresh tokens are derived under.</summary>
    public RefreshKeyRing Refresh => rings.Refresh;

    /// <summary>The keys of session handles.</summary>
    public SessionHandleKeyRing Handles => rings.Handles;

    /// <summary>The keys of device tokens.</summary>
    public DeviceKeyRing Devices => rings.Devices;

    /// <summary>The key that names and networks are counted under. It changes with the root key that creates.</summary>
    public FailureKeys Failures => rings.Failures;

    /// <summary>A value that distinguishes root keys of one number without disclosing them.</summary>
    public static byte[] FingerprintOf(RootKeyRing root, byte number) => root.Derive(number, "fingerprint");

    /// <inheritdoc/>
    public async Task ReloadAsync(CancellationToken ct) => Apply(await store.ReadRootKeysAsync(ct));

    /// <summary>Leaves out the keys that are revoked.</summary>
    /// <exception cref="StartupException">No other key may create.</exception>
    public void Apply(IEnumerable<RootKeyRow> rows)
    {
        var valid = all.Keys.Except(rows.Where(row => row.RevokedAt is not null).Select(row => (byte)row.Number)).ToHashSet();
        if (valid.SetEquals(rings.Root.Numbers))
        {
            return;
        }

        if (!valid.Any(number => number <= highest))
        {
            throw new StartupException(
                "All root keys that may create are revoked; add one with a new number, or raise Keys:Highest.");
        }

        rings = new Rings(new RootKeyRing(all.Where(key => valid.Contains(key.Key)).ToDictionary(), highest));
    }

    private sealed class Rings(RootKeyRing root)
    {
        public RootKeyRing Root => root;

        public RefreshKeyRing Refresh { get; } = new(root);

        public SessionHandleKeyRing Handles { get; } = new(root);

        public DeviceKeyRing Devices { get; } = new(root);

        public FailureKeys Failures { get; } = new(root);
    }
}
