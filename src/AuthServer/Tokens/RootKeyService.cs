using System.Security.Cryptography;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Storage;
using Microsoft.Extensions.Options;

namespace AuthServer.Tokens;

/// <summary>A root key that something depends on.</summary>
/// <param name="Number">Its number.</param>
/// <param name="AccessKeys">Number of access keys that are sealed under it.</param>
/// <param name="SecondFactors">Number of secrets of second factors that are sealed under it.</param>
/// <param name="Sessions">Number of live sessions whose refresh token may have been created under it.</param>
/// <param name="DevicesUntil">The moment from which no device token is of it.</param>
internal sealed record RootKeyUse(
    int Number, int AccessKeys, int SecondFactors, int Sessions, DateTimeOffset? DevicesUntil)
{
    /// <summary>True if the key can be removed, and at most some devices are no longer known.</summary>
    public bool IsOver => AccessKeys + SecondFactors + Sessions == 0;
}

/// <summary>Compares the root keys with those that the database was used with, and makes the first one.</summary>
internal sealed class RootKeyService(
    KeyStore store,
    FactorSealing factors,
    RootKeyFiles files,
    IOptions<KeyOptions> options,
    IServiceProvider services,
    SessionPolicy policy,
    TimeProvider clock)
{
    /// <summary>The switch of a start that accepts the loss of root keys.</summary>
    public const string AcceptSwitch = "--accept-new-keys";

    /// <summary>By how much the time at which a node creates may be later than what is noted of it.</summary>
    public static readonly TimeSpan NoteInterval = TimeSpan.FromHours(1);

    // Read when they are there: the first start makes them.
    private ServerKeys Keys => services.GetRequiredService<ServerKeys>();

    private bool IsConfigured => options.Value.Root.Count > 0;

    /// <summary>Makes the first root key of a new database, compares all of them, and notes which one creates.</summary>
    /// <param name="acceptsNew">True if keys that are lost are to be forgotten, with everything that depends on them.</param>
    /// <param name="ct">Cancels the work.</param>
    /// <exception cref="StartupException">A root key is missing, or is another one.</exception>
    public async Task PrepareAsync(bool acceptsNew, CancellationToken ct)
    {
        var known = await store.ReadRootKeysAsync(ct);
        if (!IsConfigured && files.IsEmpty)
        {
            await MakeAsync(known, acceptsNew, ct);
            return;
        }

        // A start beside this one may have made it since: the database knows a key before the folder has it.
        if (known.Count == 0)
        {
            known = await store.ReadRootKeysAsync(ct);
        }

        var keys = Keys;
        var missing = known.FindAll(row => !keys.Root.Numbers.Contains((byte)row.Number));
        await ThrowIfUsedAsync(missing, acceptsNew, ct);
        var added = keys.Root.Numbers.Where(number => IsNew(number, keys, known, acceptsNew))
            .Select(number => RowOf(number, keys.Root)).ToList();
        if (added.Count + missing.Count > 0)
        {
            await AddAsync(added, [.. missing.Select(row => row.Number)], ct);
        }

        keys.Apply(known);
        await NoteAsync(known.Find(row => row.Number == keys.Root.Current), ct);
    }

    /// <summary>Finds everything that depends on each root key of the database.</summary>
    public async Task<IReadOnlyList<RootKeyUse>> FindUsesAsync(CancellationToken ct)
    {
        var uses = new List<RootKeyUse>();
        foreach (var row in (await store.ReadRootKeysAsync(ct)).OrderBy(row => row.Number))
        {
            uses.Add(await FindUseAsync(row, ct));
        }

        return uses;
    }

    /// <summary>Notes that this node creates with its current root key, if that was not noted for a while.</summary>
    public async Task NoteAsync(CancellationToken ct)
    {
        var current = Keys.Root.Current;
        await NoteAsync((await store.ReadRootKeysAsync(ct)).Find(row => row.Number == current), ct);
    }

    private async Task NoteAsync(RootKeyRow? current, CancellationToken ct)
    {
        if (current is not null && !(clock.GetUtcNow() < current.CreatedWithAt + NoteInterval))
        {
            await store.TouchRootKeyAsync(current.Number, ct);
        }
    }

    // Drafted, then known to the database, then in the folder: a start can be interrupted between two of these.
    private async Task MakeAsync(List<RootKeyRow> known, bool acceptsNew, CancellationToken ct)
    {
        var newest = known.Count == 0 ? 0 : known.Max(row => row.Number);
        var isInterrupted = newest > 0 && IsDrafted(known[^1]);
        if (newest > 0 && !isInterrupted && !acceptsNew)
        {
            throw Missing(await FindUseAsync(known[^1], ct));
        }

        var number = isInterrupted ? newest : newest + 1;
        if (number > options.Value.Highest)
        {
            throw new StartupException(
                $"The next root key would have the number {number}, and Keys:Highest is {options.Value.Highest}; raise it.");
        }

        var key = files.Draft((byte)number);
        var ring = new RootKeyRing(new Dictionary<byte, byte[]> { [(byte)number] = key });
        var lost = known.Select(row => row.Number).Where(row => row != number);
        await AddAsync([RowOf((byte)number, ring)], [.. lost], ct);
        files.Publish((byte)number);
    }

    private bool IsDrafted(RootKeyRow row)
    {
        var number = (byte)row.Number;
        if (!files.HasDraft(number))
        {
            return false;
        }

        var ring = new RootKeyRing(new Dictionary<byte, byte[]> { [number] = files.Draft(number) });
        return CryptographicOperations.FixedTimeEquals(ServerKeys.FingerprintOf(ring, number), row.Fingerprint);
    }

    private async Task AddAsync(IReadOnlyCollection<RootKeyRow> added, IReadOnlyCollection<int> removed, CancellationToken ct)
    {
        if (await store.ChangeRootKeysAsync(added, removed, ct) is { } taken)
        {
            throw new StartupException(
                $"Another node has added a different root key {taken} at the same time; give all nodes the same root keys.");
        }
    }

    private bool IsNew(byte number, ServerKeys keys, List<RootKeyRow> known, bool acceptsNew)
    {
        if (known.Find(row => row.Number == number) is not { } row)
        {
            ThrowIfOfAnotherDatabase(number, acceptsNew);
            return true;
        }

        return CryptographicOperations.FixedTimeEquals(ServerKeys.FingerprintOf(keys.Root, number), row.Fingerprint)
            ? false
            : throw new StartupException(
                $"{NameOf(number)} is not the root key {number} of this database and its nodes; restore that key. "
                + $"A new key needs a new number: {known.Max(used => used.Number) + 1} is free.");
    }

    private async Task ThrowIfUsedAsync(List<RootKeyRow> missing, bool acceptsNew, CancellationToken ct)
    {
        foreach (var row in acceptsNew ? [] : missing)
        {
            if (await FindUseAsync(row, ct) is { IsOver: false } use)
            {
                throw Missing(use);
            }
        }
    }

    private StartupException Missing(RootKeyUse use) => new(
        $"The root key {use.Number} is missing, on which {use.Sessions} sessions, {use.AccessKeys} access keys and "
        + $"{use.SecondFactors} second factors depend; "
        + $"restore {NameOf((byte)use.Number)}. If it is lost, start once with {AcceptSwitch}: their users have to log in "
        + "again.");

    private void ThrowIfOfAnotherDatabase(byte number, bool acceptsNew)
    {
        if (!acceptsNew && !IsConfigured && files.IsMadeForDatabase(number))
        {
            throw new StartupException(
                $"{files.PathOf(number)} was made for another database, which is missing; restore it. To go on with a new "
                + $"database, start once with {AcceptSwitch}.");
        }
    }

    private RootKeyRow RowOf(byte number, RootKeyRing root) => new()
    {
        Number = number,
        Fingerprint = ServerKeys.FingerprintOf(root, number),
        CreatedWithAt = number == root.Current ? clock.GetUtcNow() : null,
    };

    private async Task<RootKeyUse> FindUseAsync(RootKeyRow row, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var sealedKeys = (await store.ReadAccessKeysAsync(ct)).Count(key =>
            !key.IsGoneAt(now) && SealedValue.RootOf(key.Sealed) == row.Number);
        var until = row.CreatedWithAt + NoteInterval;
        var sessions = until is { } last ? await store.CountSessionsAsync(last, policy, now, ct) : 0;
        return row.RevokedAt is null
            ? new RootKeyUse(
                row.Number, sealedKeys, await factors.CountAsync(row.Number, ct), sessions, until + DeviceToken.Lifetime)
            : new RootKeyUse(row.Number, AccessKeys: 0, SecondFactors: 0, Sessions: 0, DevicesUntil: null);
    }

    private string NameOf(byte number) => IsConfigured ? $"Keys:Root:{number}" : files.PathOf(number);
}
