using System.Security.Cryptography;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Storage;
using Microsoft.IdentityModel.Tokens;

namespace AuthServer.Tokens;

/// <summary>Creates, rotates and withdraws access keys. Whichever node comes first does so for all of them.</summary>
internal sealed class AccessKeyService(
    KeyStore store,
    FactorSealing factors,
    AccessKeyRing ring,
    ServerKeys keys,
    AccessKeyPolicy policy,
    TimeProvider clock)
{
    // For how long a key that is gone is still listed.
    private static readonly TimeSpan GoneRetention = TimeSpan.FromDays(30);

    /// <summary>
    /// Reads the keys. Creates the first one, or the first one of another algorithm if <c>Tokens:Algorithm</c> was changed.
    /// </summary>
    /// <exception cref="StartupException">The key that signs can't be opened.</exception>
    public async Task PrepareAsync(CancellationToken ct)
    {
        var rows = await store.ReadAccessKeysAsync(ct);
        if (IsDue(rows) is not null || policy.IsAlgorithmChanged(PeriodsOf(rows)))
        {
            await AddAsync(NextAtStart, ct);
            rows = await store.ReadAccessKeysAsync(ct);
        }

        await ring.ReloadAsync(ct);
        await ResealAsync(rows, ct);
        var now = clock.GetUtcNow();
        var opened = ring.Verifying.Select(key => key.Period.Number).ToHashSet();
        if (AccessKeyPolicy.Signing(PeriodsOf(rows), now) is { } signing && !opened.Contains(signing.Number))
        {
            throw new StartupException(
                $"The access key {signing.Number} can't be opened: its row was changed. Withdraw it with "
                + $"`keys retire {signing.Number}`, which makes another one.");
        }
    }

    /// <summary>Creates the next key if it is time for it, and removes those that went long ago.</summary>
    public async Task RotateIfDueAsync(CancellationToken ct)
    {
        var rows = await store.ReadAccessKeysAsync(ct);
        if (IsDue(rows) is not null)
        {
            await AddAsync(policy.NextDue, ct);
        }

        var old = clock.GetUtcNow() - GoneRetention;
        if (rows.SkipLast(1).Any(row => row.GoneAt < old))
        {
            await store.RemoveGoneAsync(old, ct);
        }

        await ring.ReloadAsync(ct);
    }

    /// <summary>True if back ends can check the tokens of the newest key, or of the one that is still to be created.</summary>
    public async Task<bool> HasPublicKeyAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var newest = (await store.ReadAccessKeysAsync(ct)).FindLast(row => !row.IsGoneAt(now));
        return (newest?.Algorithm ?? policy.Algorithm) != SecurityAlgorithms.HmacSha256;
    }

    /// <summary>Creates a key.</summary>
    /// <param name="algorithm">Its algorithm; null for the configured one.</param>
    /// <param name="signsNow">True if it signs from now on; false if it is published first.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <returns>Its number.</returns>
    public async Task<int> RotateAsync(string? algorithm, bool signsNow, CancellationToken ct)
    {
        var own = policy with { Algorithm = algorithm ?? policy.Algorithm };
        return (await AddAsync((_, now) => signsNow ? now : now + policy.PublishAhead, ct, own))!.Value;
    }

    /// <inheritdoc cref="KeyStore.WithdrawAccessKeyAsync"/>
    public Task<int?> WithdrawAsync(int number, CancellationToken ct) =>
        store.WithdrawAccessKeyAsync(number, policy, SealerOf(policy.Algorithm), ct);

    /// <inheritdoc cref="KeyStore.RevokeRootKeyAsync"/>
    /// <exception cref="StartupException">No other root key may create.</exception>
    public async Task<int?> RevokeRootAsync(byte number, CancellationToken ct)
    {
        // Second factors would be lost with it.
        if (number != keys.Root.Current)
        {
            await factors.RenewAsync(keys.Root, ct);
        }

        // The new access key is sealed under another root key.
        var revoked = new RootKeyRow { Number = number, Fingerprint = [], RevokedAt = clock.GetUtcNow() };
        keys.Apply([.. await store.ReadRootKeysAsync(ct), revoked]);
        return await store.RevokeRootKeyAsync(number, policy, SealerOf(policy.Algorithm), ct);
    }

    private DateTimeOffset? IsDue(List<AccessKeyRow> rows) => policy.NextDue(PeriodsOf(rows), clock.GetUtcNow());

    private DateTimeOffset? NextAtStart(IReadOnlyCollection<AccessKeyPeriod> present, DateTimeOffset now) =>
        policy.NextDue(present, now) ?? (policy.IsAlgorithmChanged(present) ? now + policy.PublishAhead : null);

    private Task<int?> AddAsync(
        Func<IReadOnlyCollection<AccessKeyPeriod>, DateTimeOffset, DateTimeOffset?> next,
        CancellationToken ct,
        AccessKeyPolicy? own = null) =>
        store.AddAccessKeyAsync(own ?? policy, next, SealerOf((own ?? policy).Algorithm), ct);

    // Generated before the transaction, because a key of RSA takes long.
    private Func<int, byte[]> SealerOf(string algorithm)
    {
        var secret = SigningKey.Generate(algorithm);
        return number => Seal(secret, number, algorithm);
    }

    private byte[] Seal(byte[] secret, int number, string algorithm) => SealedValue.Seal(
        secret,
        AccessKey.PlaceOf(number, algorithm),
        RandomNumberGenerator.GetBytes(SealedValue.NonceLength),
        keys.Root);

    // After a rotation of the root key.
    private async Task ResealAsync(List<AccessKeyRow> rows, CancellationToken ct)
    {
        var values = new Dictionary<int, byte[]>();
        foreach (var row in rows.Where(row => SealedValue.RootOf(row.Sealed) < keys.Root.Current))
        {
            if (SealedValue.Open(row.Sealed, AccessKey.PlaceOf(row.Number, row.Algorithm), keys.Root) is { } secret)
            {
                values[row.Number] = Seal(secret, row.Number, row.Algorithm);
            }
        }

        if (values.Count > 0)
        {
            await store.ResealAsync(values, keys.Root.Current, ct);
        }
    }

    private static List<AccessKeyPeriod> PeriodsOf(IEnumerable<AccessKeyRow> rows) => [.. rows.Select(row => row.ToPeriod())];
}
