using System.Data.Common;
using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>The rows of keys in the database, without EF Core, which a start does not load. Safe to share.</summary>
internal sealed class KeyStore(TransactionRunner runner, IStorageProvider provider)
{
    private static readonly FormattableString RootKeys =
        $"SELECT number, fingerprint, created_with_at, revoked_at FROM root_keys ORDER BY number";

    private static readonly FormattableString AccessKeys =
        $"SELECT number, algorithm, created_at, signs_from, signs_until, gone_at, sealed FROM access_keys ORDER BY number";

    /// <summary>Reads the root keys that the database was used with.</summary>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public Task<List<RootKeyRow>> ReadRootKeysAsync(CancellationToken ct) => provider.ReadRowsAsync(RootKeys, RootKeyOf, ct);

    /// <summary>Reads the access keys, those that are gone included.</summary>
    /// <exception cref="UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    public Task<List<AccessKeyRow>> ReadAccessKeysAsync(CancellationToken ct) =>
        provider.ReadRowsAsync(AccessKeys, AccessKeyOf, ct);

    /// <summary>Adds and removes root keys. Withdraws the access keys that are sealed under a removed one.</summary>
    /// <param name="added">The new keys.</param>
    /// <param name="removed">Numbers of keys that nothing depends on, or that are lost.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    /// <returns>The number of a key that another node has added with another fingerprint; null if all was changed.</returns>
    public Task<int?> ChangeRootKeysAsync(
        IReadOnlyCollection<RootKeyRow> added, IReadOnlyCollection<int> removed, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var present = (await transaction.ReadRowsAsync(RootKeys, RootKeyOf, token)).ToDictionary(key => key.Number);
            if (added.FirstOrDefault(key => present.TryGetValue(key.Number, out var row)
                && !row.Fingerprint.AsSpan().SequenceEqual(key.Fingerprint)) is { Number: var taken })
            {
                return taken;
            }

            foreach (var key in added.Where(key => !present.ContainsKey(key.Number)))
            {
                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO root_keys (number, fingerprint, created_with_at, revoked_at)
                    VALUES ({key.Number}, {key.Fingerprint}, {key.CreatedWithAt}, {key.RevokedAt})
                    """,
                    token);
                Record(transaction, $"root key {key.Number} added, fingerprint {TextOf(key.Fingerprint)}");
            }

            var access = removed.Count == 0 ? [] : await ReadAsync(transaction, token);
            foreach (var key in access.Where(key => removed.Contains(SealedValue.RootOf(key.Sealed))))
            {
                await WithdrawAsync(transaction, key, token);
            }

            foreach (var number in removed.Where(present.ContainsKey))
            {
                await transaction.ExecuteAsync($"DELETE FROM root_keys WHERE number = {number}", token);
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
            var roots = await transaction.ReadRowsAsync(RootKeys, RootKeyOf, token);
            if (roots.Find(key => key.Number == number) is not { RevokedAt: null })
            {
                return (int?)null;
            }

            await transaction.ExecuteAsync(
                $"UPDATE root_keys SET revoked_at = {transaction.Now} WHERE number = {number}", token);
            Record(transaction, $"root key {number} revoked");
            var rows = await ReadAsync(transaction, token);
            foreach (var row in rows)
            {
                await WithdrawAsync(transaction, row, token);
            }

            return await AddAsync(transaction, rows, policy, transaction.Now, seal, token);
        },
        ct);

    /// <summary>Notes that this node creates with a root key.</summary>
    public Task TouchRootKeyAsync(int number, CancellationToken ct) => runner.RunAsync(
        (transaction, token) => transaction.ExecuteAsync(
            $"UPDATE root_keys SET created_with_at = {transaction.Now} WHERE number = {number}", token),
        isBatch: false,
        ct);

    /// <summary>
    /// Counts the live sessions whose refresh token or handle may have been created under a root key. A handle stays the same, so
    /// a session that never presented a refresh token counts by its login.
    /// </summary>
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
                s => s.EndedAt == null && (s.NewestPresented == null ? s.CreatedAt : s.RotatedAt) <= createdUntil
                    && s.RotatedAt > idleSince && s.CreatedAt > createdBefore,
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
            var rows = await ReadAsync(transaction, token);
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
            var rows = await ReadAsync(transaction, token);
            var withdrawn = rows.Find(row => row.Number == number);
            if (withdrawn is null || withdrawn.IsGoneAt(transaction.Now))
            {
                return (int?)null;
            }

            await WithdrawAsync(transaction, withdrawn, token);
            var next = AccessKeyPolicy.Signing(policy.Arrange(PeriodsOf(rows), transaction.Now), transaction.Now);
            if (next is null)
            {
                return await AddAsync(transaction, rows, policy, transaction.Now, seal, token);
            }

            var signing = rows.Single(row => row.Number == next.Number);
            signing.SignsFrom = signing.SignsFrom < transaction.Now ? signing.SignsFrom : transaction.Now;
            await SaveAsync(transaction, signing, token);
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
            foreach (var row in await ReadAsync(transaction, token))
            {
                if (values.TryGetValue(row.Number, out var value) && SealedValue.RootOf(row.Sealed) != root)
                {
                    row.Sealed = value;
                    await SaveAsync(transaction, row, token);
                }
            }
        },
        isBatch: false,
        ct);

    /// <summary>Removes access keys that went long ago. The newest stays, so that no number is used twice.</summary>
    public Task RemoveGoneAsync(DateTimeOffset before, CancellationToken ct) => runner.RunAsync(
        (transaction, token) => transaction.ExecuteAsync(
            $"DELETE FROM access_keys WHERE gone_at < {before} AND number < (SELECT MAX(number) FROM access_keys)", token),
        isBatch: false,
        ct);

    private static Task<List<AccessKeyRow>> ReadAsync(WriteTransaction transaction, CancellationToken ct) =>
        transaction.ReadRowsAsync(AccessKeys, AccessKeyOf, ct);

    private static Task SaveAsync(WriteTransaction transaction, AccessKeyRow key, CancellationToken ct) =>
        transaction.ExecuteAsync(
            $"""
            UPDATE access_keys SET signs_from = {key.SignsFrom}, signs_until = {key.SignsUntil},
                gone_at = {key.GoneAt}, sealed = {key.Sealed}
            WHERE number = {key.Number}
            """,
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
        var added = new AccessKeyRow
        {
            Number = number,
            Algorithm = policy.Algorithm,
            CreatedAt = transaction.Now,
            SignsFrom = signsFrom,
            Sealed = seal(number),
        };
        rows.Add(added);
        await transaction.ExecuteAsync(
            $"""
            INSERT INTO access_keys (number, algorithm, created_at, signs_from, sealed)
            VALUES ({number}, {added.Algorithm}, {added.CreatedAt}, {signsFrom}, {added.Sealed})
            """,
            ct);
        Record(transaction, $"access key {number} added, {policy.Algorithm}");
        await ArrangeAsync(transaction, rows, policy, ct);
        return number;
    }

    private static async Task ArrangeAsync(
        WriteTransaction transaction, List<AccessKeyRow> rows, AccessKeyPolicy policy, CancellationToken ct)
    {
        foreach (var (row, period) in rows.Zip(policy.Arrange(PeriodsOf(rows), transaction.Now)))
        {
            if (row.ToPeriod() != period)
            {
                (row.SignsUntil, row.GoneAt) = (period.SignsUntil, period.GoneAt);
                await SaveAsync(transaction, row, ct);
            }
        }

        await transaction.NotifyAsync(ct);
    }

    private static List<AccessKeyPeriod> PeriodsOf(List<AccessKeyRow> rows) => rows.ConvertAll(row => row.ToPeriod());

    private static async Task WithdrawAsync(WriteTransaction transaction, AccessKeyRow key, CancellationToken ct)
    {
        if (!key.IsGoneAt(transaction.Now))
        {
            (key.SignsUntil, key.GoneAt) = (transaction.Now, transaction.Now);
            await SaveAsync(transaction, key, ct);
            Record(transaction, $"access key {key.Number} withdrawn");
        }
    }

    private static RootKeyRow RootKeyOf(DbDataReader reader) => new()
    {
        Number = reader.GetInt32(0),
        Fingerprint = (byte[])reader.GetValue(1),
        CreatedWithAt = reader.MomentOf(2),
        RevokedAt = reader.MomentOf(3),
    };

    private static AccessKeyRow AccessKeyOf(DbDataReader reader) => new()
    {
        Number = reader.GetInt32(0),
        Algorithm = reader.GetString(1),
        CreatedAt = reader.MomentOf(2)!.Value,
        SignsFrom = reader.MomentOf(3)!.Value,
        SignsUntil = reader.MomentOf(4),
        GoneAt = reader.MomentOf(5),
        Sealed = (byte[])reader.GetValue(6),
    };

    private static string TextOf(byte[] fingerprint) => Convert.ToHexStringLower(fingerprint)[..16];

    private static void Record(WriteTransaction transaction, string detail) =>
        transaction.Record(new SecurityEvent(EventKind.KeysChanged, Client: null) { Detail = detail });
}
