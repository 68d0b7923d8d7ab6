using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Tokens;

/// <summary>The root keys of the server, and the keys that are derived from them. Safe to share.</summary>
internal sealed class ServerKeys
{
    /// <summary>Reads the root keys from configuration, or else from the folder.</summary>
    /// <exception cref="StartupException">There is no key, or one is unfit.</exception>
    public ServerKeys(IOptions<KeyOptions> options, RootKeyFiles files)
    {
        var keys = options.Value.Root.Count == 0 ? files.Read() : options.Value.Root.ToDictionary(
            key => KeyMaterial.ParseId(key.Key, $"Keys:Root:{key.Key}"),
            key => KeyMaterial.Parse(key.Value, $"Keys:Root:{key.Key}"));
        var highest = options.Value.Highest;
        if (keys.Count == 0)
        {
            throw new StartupException(
                $"There is no root key in {files.Folder} yet; start the server once, or set Keys:Root:1.");
        }

        if (!keys.Keys.Any(number => number <= highest))
        {
            throw new StartupException(
                $"Keys:Highest is {highest}, and no root key has a number up to that; raise it, or leave it out.");
        }

        Root = new RootKeyRing(keys, highest);
        Refresh = new RefreshKeyRing(Root);
        Devices = new DeviceKeyRing(Root);
        Failures = new FailureKeys(Root);
    }

    /// <summary>The root keys.</summary>
    public RootKeyRing Root { get; }

    /// <summary>The keys that refresh tokens are derived under.</summary>
    public RefreshKeyRing Refresh { get; }

    /// <summary>The keys of device tokens.</summary>
    public DeviceKeyRing Devices { get; }

    /// <summary>The key that names and networks are counted under. It changes with the root key that creates.</summary>
    public FailureKeys Failures { get; }

    /// <summary>A value that distinguishes root keys of one number without disclosing them.</summary>
    public static byte[] FingerprintOf(RootKeyRing root, byte number) => root.Derive(number, "fingerprint");
}
