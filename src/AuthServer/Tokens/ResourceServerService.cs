using System.Buffers.Text;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Tokens;

/// <summary>Adds back ends, and checks their secrets by what this node last read. Safe to share.</summary>
internal sealed class ResourceServerService(ResourceServerStore store, TimeProvider clock) : IReloadable
{
    private const int SecretLength = 32;
    private const int MaxNameLength = 64;

    private readonly SerialTask reading = new();
    private readonly RareTask lookup = new(TimeSpan.FromSeconds(1), clock);
    private volatile FrozenDictionary<string, byte[]> hashes = FrozenDictionary<string, byte[]>.Empty;

    /// <summary>True if a name can be one of a back end: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, up to 64.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    /// <summary>Adds a back end. Returns its secret, which is stored nowhere; null if there is one of this name.</summary>
    public async Task<string?> AddAsync(string name, CancellationToken ct)
    {
        var secret = NewSecret();
        return await IsDoneAsync(store.AddAsync(name, HashOf(secret), ct), ct) ? secret : null;
    }

    /// <summary>Replaces a secret at once. Returns the new one; null if there is no such back end.</summary>
    public async Task<string?> ReplaceSecretAsync(string name, CancellationToken ct)
    {
        var secret = NewSecret();
        return await IsDoneAsync(store.ReplaceSecretAsync(name, HashOf(secret), ct), ct) ? secret : null;
    }

    /// <summary>Removes a back end. False if there is none of this name.</summary>
    public Task<bool> RemoveAsync(string name, CancellationToken ct) => IsDoneAsync(store.RemoveAsync(name, ct), ct);

    /// <summary>Lists the back ends by name.</summary>
    public Task<List<ResourceServerRow>> ListAsync(CancellationToken ct) => store.ListAsync(ct);

    /// <inheritdoc/>
    public Task ReloadAsync(CancellationToken ct) => reading.RunAsync(async () =>
        hashes = (await store.ListAsync(ct)).ToFrozenDictionary(
            server => server.Name, server => server.SecretHash, StringComparer.Ordinal));

    /// <summary>True if a back end of that name has that secret. What does not match is looked up, once a second.</summary>
    /// <exception cref="UnavailableException">It does not match, and the database can't be asked.</exception>
    public async ValueTask<bool> IsGenuineAsync(string name, string secret)
    {
        if (IsKnown(name, secret))
        {
            return true;
        }

        await lookup.RunAsync(() => ReloadAsync(CancellationToken.None));
        return IsKnown(name, secret);
    }

    /// <summary>True if a back end of that name had that secret when this node last read them.</summary>
    public bool IsKnown(string name, string secret) =>
        hashes.TryGetValue(name, out var hash) && CryptographicOperations.FixedTimeEquals(hash, HashOf(secret));

    private async Task<bool> IsDoneAsync(Task<bool> change, CancellationToken ct)
    {
        var isDone = await change;
        try
        {
            await ReloadAsync(ct);
        }
        catch (UnavailableException)
        {
            // It is done all the same, and a new secret has to be shown.
        }

        return isDone;
    }

    private static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretLength));

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
