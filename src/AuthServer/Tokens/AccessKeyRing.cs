using System.Globalization;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tokens;

/// <summary>An access key that this node has opened.</summary>
/// <param name="Period">Its life.</param>
/// <param name="Key">The key.</param>
internal sealed record AccessKey(AccessKeyPeriod Period, SigningKey Key)
{
    /// <summary>The place of its secret in the database.</summary>
    public static SealedPlace PlaceOf(int number, string algorithm) =>
        new("access keys", IdOf(number), Owner: "", algorithm);

    /// <summary>The member <c>kid</c> of its tokens.</summary>
    public static string IdOf(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The access keys as this node last read them. Safe to share.</summary>
internal sealed class AccessKeyRing(
    KeyStore store, ServerKeys keys, ValidatedTokenCache validated, TimeProvider clock, ILogger<AccessKeyRing> log)
    : IAccessTokenKeys, IReloadable
{
    private readonly SerialTask reading = new();
    private readonly HashSet<int> unopened = [];
    private readonly RareTask lookup = new(TimeSpan.FromSeconds(1), clock);
    private volatile Snapshot known = new([]);

    /// <summary>Raised after a key was added or has gone.</summary>
    public event Action? Changed;

    /// <summary>The keys that verify now or soon, by number.</summary>
    public IReadOnlyList<AccessKey> Verifying
    {
        get
        {
            var now = clock.GetUtcNow();
            return [.. known.Keys.Where(key => key.Period.StateAt(now) != AccessKeyState.Gone)];
        }
    }

    /// <summary>The key that signs now.</summary>
    /// <exception cref="UnavailableException">There is none.</exception>
    public SigningKey Signing =>
        AccessKeyPolicy.Signing(known.Periods, clock.GetUtcNow()) is { } signing
            ? known.Find(signing.Number)!.Key
            : throw new UnavailableException("No access key signs.");

    /// <summary>Reads the keys of the database.</summary>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public Task ReloadAsync(CancellationToken ct) =>
        reading.RunAsync(async () => Replace(await store.ReadAccessKeysAsync(ct)));

    /// <inheritdoc/>
    public async ValueTask<SecurityKey?> FindAsync(string keyId)
    {
        if (!int.TryParse(keyId, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || AccessKey.IdOf(number) != keyId)
        {
            return null;
        }

        if (known.Find(number) is null)
        {
            // Another node may sign with a key of which this node was not notified.
            await lookup.RunAsync(TryReloadAsync);
        }

        return known.Find(number) is { } key && key.Period.StateAt(clock.GetUtcNow()) != AccessKeyState.Gone
            ? key.Key.Verifier
            : null;
    }

    private async Task TryReloadAsync()
    {
        try
        {
            await ReloadAsync(CancellationToken.None);
        }
        catch (UnavailableException)
        {
            // The token is refused, and the refresh that follows is answered 503.
        }
    }

    private void Replace(List<AccessKeyRow> rows)
    {
        var (before, now) = (known, clock.GetUtcNow());
        known = new Snapshot([.. rows.Where(row => !row.IsGoneAt(now)).Select(row => Open(row, before)).OfType<AccessKey>()]);

        // Tokens of a key that was withdrawn were validated before.
        if (before.Keys.Any(key => key.Period.StateAt(now) != AccessKeyState.Gone && known.Find(key.Period.Number) is null))
        {
            validated.Clear();
        }

        if (!before.Keys.Select(key => key.Period.Number).SequenceEqual(known.Keys.Select(key => key.Period.Number)))
        {
            Changed?.Invoke();
        }
    }

    private AccessKey? Open(AccessKeyRow row, Snapshot before)
    {
        if (before.Find(row.Number) is { } opened)
        {
            return opened with { Period = row.ToPeriod() };
        }

        if (SealedValue.Open(row.Sealed, AccessKey.PlaceOf(row.Number, row.Algorithm), keys.Root) is { } secret)
        {
            return new AccessKey(row.ToPeriod(), SigningKey.Read(row.Algorithm, AccessKey.IdOf(row.Number), secret));
        }

        if (unopened.Add(row.Number))
        {
            log.AccessKeyNotOpened(row.Number);
        }

        return null;
    }

    /// <summary>Keys in the order of their numbers.</summary>
    private sealed class Snapshot(AccessKey[] keys)
    {
        public AccessKey[] Keys => keys;

        public AccessKeyPeriod[] Periods { get; } = [.. keys.Select(key => key.Period)];

        public AccessKey? Find(int number) => Array.Find(keys, key => key.Period.Number == number);
    }
}
