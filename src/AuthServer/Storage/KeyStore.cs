using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>The rows of keys in the database. Safe to share.</summary>
internal sealed class KeyStore(TransactionRunner runner, IStorageProvider provider)
{
    /// <summary>Reads the root keys that the database was used with.</summary>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public Task<List<RootKeyRow>> ReadRootKeysAsync(CancellationToken ct) => provider.ReadRowsAsync(
        "SELECT number, fingerprint, created_with_at, revoked_at FROM root_keys ORDER BY number",
        reader => new RootKeyRow
        {
            Number = reader.GetInt32(0),
            Fingerprint = (byte[])reader.GetValue(1),
            CreatedWithAt = reader.MomentOf(2),
            RevokedAt = reader.MomentOf(3),
        },
        ct);

    /// <summary>Reads the access keys, those that are gone included.</summary>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public Task<List<AccessKeyRow>> ReadAccessKeysAsync(CancellationToken ct) => provider.ReadRowsAsync(
        "SELECT number, algorithm, created_at, signs_from, signs_until, gone_at, sealed FROM access_keys ORDER BY number",
        reader => new AccessKeyRow
        {
            Number = reader.GetInt32(0),
            Algorithm = reader.GetString(1),
            CreatedAt = reader.MomentOf(2)!.Value,
            SignsFrom = reader.MomentOf(3)!.Value,
            SignsUntil = reader.MomentOf(4),
            GoneAt = reader.MomentOf(5),
            Sealed = (byte[])reader.GetValue(6),
        },
        ct);

    /// <summary>Adds and removes root keys. Withdraws the access keys that are sealed under a removed one.</summary>
    /// <param name="added">The new keys.</param>
    /// <param name="removed">Numbers of keys that nothing depends on, or that are lost.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <returns>The number of a key that another node has added with another fingerprint; null if all was changed.</returns>
    public Task<int?> ChangeRootKeysAsync(
        IReadOnlyCollection<RootKeyRow> added, IReadOnlyCollection<int> removed, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var present = await transaction.Db.RootKeys.ToDictionaryAsync(key => key.Number, token);
            if (added.FirstOrDefault(key => present.TryGetValue(key.Number, out var row)
                && !row.Fingerprint.AsSpan().SequenceEqual(key.Fingerprint)) is { Number: var taken })
            {
                return taken;
            }

            foreach (var key in added.Where(key => !present.ContainsKey(key.Number)))
            {
                transaction.Db.RootKeys.Add(key);
                Record(transaction, $"root key {key.Number} added, fingerprint {TextOf(key.Fingerprint)}");
            }

            var access = removed.Count == 0 ? [] : await transaction.Db.AccessKeys.ToListAsync(token);
            foreach (var key in access.Where(key => removed.Contains(SealedValue.RootOf(key.Sealed))))
            {
                Withdraw(transaction, key);
            }

            foreach (var number in removed.Where(present.ContainsKey))
            {
                transaction.Db.RootKeys.Remove(present[number]);
                Record(transaction, $"root key {number} removed");
            }

            await transaction.NotifyAsync(token);
            return (int?)null;
        },
        ct);

    /// <summary>Revokes a root key. Withdraws all access keys, which could be read with it.</summary>
    /// <returns>The number of the access key that signs from now on; null if the root key is unknown or revoked.</returns>
    public Task<int?> RevokeRootKeyAsync(
        int number, AccessKeyPolicy policy, Func<int, byte[]> seal, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var root = await transaction.Db.RootKeys.SingleOrDefaultAsync(key => key.Number == number, token);
            if (root is not { RevokedAt: null })
            {
                return (int?)null;
            }

            root.RevokedAt = transaction.Now;
            Record(transaction, $"root key {number} revoked");
            var rows = await transaction.Db.AccessKeys.OrderBy(key => key.Number).ToListAsync(token);
            foreach (var row in rows)
            {
                Withdraw(transaction, row);
            }

            return await AddAsync(transaction, rows, policy, transaction.Now, seal, token);
        },
        ct);

    /// <summary>Notes that this node creates with a root key.</summary>
    public Task TouchRootKeyAsync(int number, CancellationToken ct) => runner.RunAsync(
        (transaction, token) => transaction.TouchRootKeyAsync(number, token), isBatch: false, ct);

    /// <summary>Counts the live sessions whose refresh token may have been created under a root key.</summary>
    /// <param name="createdUntil">The last moment at which a node may have created with it.</param>
    /// <param name="policy">The lifetimes of sessions.</param>
    /// <param name="now">The moment.</param>
    /// <param name="ct">Cancels the query.</param>
    public async Task<int> CountSessionsAsync(
        DateTimeOffset createdUntil, SessionPolicy policy, DateTimeOffset now, CancellationToken ct)
    {
        var (idleSince, createdBefore) = (now - policy.IdleLifetime, now - policy.AbsoluteLifetime);
        return await provider.ReadAsync(
            (db, token) => db.Sessions.CountAsync(
                s => s.EndedAt == null && s.RotatedAt <= createdUntil && s.RotatedAt > idleSince
                    && s.CreatedAt > createdBefore,
                token),
            ct);
    }

    /// <summary>Adds an access key, unless another node has done so meanwhile.</summary>
    /// <param name="policy">The rules.</param>
    /// <param name="next">The moment from which it is to sign, by the keys that there are and the time; null for no key.</param>
    /// <param name="seal">Makes the sealed secret of a number.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <returns>The number of the new key; null if there is none.</returns>
    public Task<int?> AddAccessKeyAsync(
        AccessKeyPolicy policy,
        Func<IReadOnlyCollection<AccessKeyPeriod>, DateTimeOffset, DateTimeOffset?> next,
        Func<int, byte[]> seal,
        CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var rows = await transaction.Db.AccessKeys.OrderBy(key => key.Number).ToListAsync(token);
            return next(PeriodsOf(rows), transaction.Now) is { } signsFrom
                ? await AddAsync(transaction, rows, policy, signsFrom, seal, token)
                : (int?)null;
        },
        ct);

    /// <summary>
    /// Withdraws an access key: tokens that it has signed are refused from now on. If it was the one that signs, the published
    /// one takes its place, or else a new one.
    /// </summary>
    /// <returns>The number of the key that signs; null if there is no key of this number, or if it is gone already.</returns>
    public Task<int?> WithdrawAccessKeyAsync(
        int number, AccessKeyPolicy policy, Func<int, byte[]> seal, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var rows = await transaction.Db.AccessKeys.OrderBy(key => key.Number).ToListAsync(token);
            var withdrawn = rows.Find(row => row.Number == number);
            if (withdrawn is null || withdrawn.IsGoneAt(transaction.Now))
            {
                return (int?)null;
            }

            Withdraw(transaction, withdrawn);
            var next = AccessKeyPolicy.Signing(policy.Arrange(PeriodsOf(rows), transaction.Now), transaction.Now);
            if (next is null)
            {
                return await AddAsync(transaction, rows, policy, transaction.Now, seal, token);
            }

            var signing = rows.Single(row => row.Number == next.Number);
            signing.SignsFrom = signing.SignsFrom < transaction.Now ? signing.SignsFrom : transaction.Now;
            await ArrangeAsync(transaction, rows, policy, token);
            return next.Number;
        },
        ct);

    /// <summary>Replaces sealed secrets, unless another node has done so.</summary>
    /// <param name="values">The new sealed value of each number.</param>
    /// <param name="root">The root key that they are sealed under.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task ResealAsync(IReadOnlyDictionary<int, byte[]> values, byte root, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var rows = await transaction.Db.AccessKeys.Where(key => values.Keys.Contains(key.Number)).ToListAsync(token);
            foreach (var row in rows.Where(row => SealedValue.RootOf(row.Sealed) != root))
            {
                row.Sealed = values[row.Number];
            }
        },
        isBatch: false,
        ct);

    /// <summary>Removes access keys that went long ago. The newest stays, so that no number is used twice.</summary>
    public Task RemoveGoneAsync(DateTimeOffset before, CancellationToken ct) => runner.RunAsync(
        (transaction, token) => transaction.Db.AccessKeys
            .Where(key => key.GoneAt < before && key.Number < transaction.Db.AccessKeys.Max(newest => newest.Number))
            .ExecuteDeleteAsync(token),
        ct);

    private static async Task<int> AddAsync(
        WriteTransaction transaction,
        List<AccessKeyRow> rows,
        AccessKeyPolicy policy,
        DateTimeOffset signsFrom,
        Func<int, byte[]> seal,
        CancellationToken ct)
    {
        // If two nodes add at once, the second violates the primary key and decides again.
        var number = rows.Count == 0 ? 1 : rows[^1].Number + 1;
        rows.Add(new AccessKeyRow
        {
            Number = number,
            Algorithm = policy.Algorithm,
            CreatedAt = transaction.Now,
            SignsFrom = signsFrom,
            Sealed = seal(number),
        });
        transaction.Db.AccessKeys.Add(rows[^1]);
        Record(transaction, $"access key {number} added, {policy.Algorithm}");
        await ArrangeAsync(transaction, rows, policy, ct);
        return number;
    }

    private static Task ArrangeAsync(
        WriteTransaction transaction, List<AccessKeyRow> rows, AccessKeyPolicy policy, CancellationToken ct)
    {
        foreach (var (row, period) in rows.Zip(policy.Arrange(PeriodsOf(rows), transaction.Now)))
        {
            (row.SignsUntil, row.GoneAt) = (period.SignsUntil, period.GoneAt);
        }

        return transaction.NotifyAsync(ct);
    }

    private static List<AccessKeyPeriod> PeriodsOf(List<AccessKeyRow> rows) => rows.ConvertAll(row => row.ToPeriod());

    private static void Withdraw(WriteTransaction transaction, AccessKeyRow key)
    {
        if (!key.IsGoneAt(transaction.Now))
        {
            (key.SignsUntil, key.GoneAt) = (transaction.Now, transaction.Now);
            Record(transaction, $"access key {key.Number} withdrawn");
        }
    }

    private static string TextOf(byte[] fingerprint) => Convert.ToHexStringLower(fingerprint)[..16];

    private static void Record(WriteTransaction transaction, string detail) =>
        transaction.Record(new SecurityEvent(EventKind.KeysChanged, Client: null) { Detail = detail });
}
