using System.Globalization;
using System.Security.Cryptography;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tokens;

/// <summary>The two secrets of the server: the keys of access tokens and the keys of refresh tokens.</summary>
internal sealed class ServerKeys : IAccessTokenKeys
{
    private readonly Dictionary<string, SecurityKey> accessKeys;
    private readonly byte signing;

    /// <summary>Reads the keys from configuration, or else from the folder, which the first start fills.</summary>
    /// <exception cref="StartupException">A key is missing or unfit.</exception>
    public ServerKeys(
        IOptions<KeyOptions> options, IOptions<DataOptions> data, IHostEnvironment environment, ILogger<ServerKeys> log)
    {
        var (access, refresh) = options.Value is { Access.Count: 0, Refresh.Count: 0 }
            ? FromFiles(options.Value.Directory ?? Path.Combine(data.Value.Directory, "keys"), environment, log)
            : (FromConfiguration("Keys:Access", options.Value.Access), FromConfiguration("Keys:Refresh", options.Value.Refresh));
        if (access.Values.Any(a => refresh.Values.Any(r => CryptographicOperations.FixedTimeEquals(a, r))))
        {
            throw new StartupException(
                "An access key is also a refresh key; make each key with its own `openssl rand -base64 32`.");
        }

        var highest = options.Value.Highest;
        if (!access.Keys.Any(number => number <= highest) || !refresh.Keys.Any(number => number <= highest))
        {
            throw new StartupException(
                $"Keys:Highest is {highest}, and one kind of keys has no number up to that; raise it, or leave it out.");
        }

        Refresh = new RefreshKeyRing(refresh, highest);
        Devices = new DeviceKeyRing(refresh, highest);
        Failures = new FailureKeys(refresh[Refresh.CurrentId]);
        Fingerprints = [.. FingerprintsOf(KeyFiles.Access, access), .. FingerprintsOf(KeyFiles.Refresh, refresh)];
        accessKeys = access.ToDictionary(
            key => IdOf(key.Key), SecurityKey (key) => new SymmetricSecurityKey(key.Value) { KeyId = IdOf(key.Key) });
        signing = access.Keys.Where(number => number <= highest).Max();
        Signing = new SigningCredentials(accessKeys[IdOf(signing)], SecurityAlgorithms.HmacSha256);
    }

    /// <summary>The key and the algorithm that sign access tokens.</summary>
    public SigningCredentials Signing { get; }

    /// <summary>The keys that refresh tokens are derived under.</summary>
    public RefreshKeyRing Refresh { get; }

    /// <summary>The keys of device tokens.</summary>
    public DeviceKeyRing Devices { get; }

    /// <summary>The key that names and networks are counted under. It changes with the refresh key that makes tokens.</summary>
    public FailureKeys Failures { get; }

    /// <summary>The fingerprints by which keys are compared with those of the other nodes.</summary>
    public IReadOnlyList<KeyFingerprint> Fingerprints { get; }

    /// <inheritdoc/>
    public ValueTask<SecurityKey?> FindAsync(string keyId) => new(accessKeys.GetValueOrDefault(keyId));

    /// <summary>True if a key makes tokens, and does not only check them.</summary>
    public bool Makes(KeyFingerprint key) => key.Number == (key.Kind == KeyFiles.Access ? signing : Refresh.CurrentId);

    private static string IdOf(byte number) => number.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<KeyFingerprint> FingerprintsOf(string kind, Dictionary<byte, byte[]> keys) =>
        keys.Select(key => new KeyFingerprint(kind, key.Key, HMACSHA256.HashData(key.Value, "authserver key check"u8)));

    private static (Dictionary<byte, byte[]> Access, Dictionary<byte, byte[]> Refresh) FromFiles(
        string directory, IHostEnvironment environment, ILogger log)
    {
        var files = new KeyFiles(Path.GetFullPath(directory, environment.ContentRootPath), log);
        files.FillIfEmpty();
        return (files.Read(KeyFiles.Access), files.Read(KeyFiles.Refresh));
    }

    private static Dictionary<byte, byte[]> FromConfiguration(string section, Dictionary<string, string> keys) => keys.Count > 0
        ? keys.ToDictionary(
            key => KeyMaterial.ParseId(key.Key, $"{section}:{key.Key}"),
            key => KeyMaterial.Parse(key.Value, $"{section}:{key.Key}"))
        : throw new StartupException(
            $"{section} is missing; both kinds are needed, so set {section}:1 to the output of `openssl rand -base64 32`.");
}
