using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>
/// Seals secrets of second factors under the newest root key, so that an older one can be removed. Safe to share.
/// </summary>
internal sealed class FactorSealing(TransactionRunner runner, IStorageProvider provider)
{
    private const int BatchSize = 100;

    /// <summary>Number of secrets that are sealed under a root key.</summary>
    public Task<int> CountAsync(int rootKey, CancellationToken ct) => provider.ReadAsync(
        async (db, token) => await db.Totps.CountAsync(totp => totp.RootKey == rootKey, token)
            + await db.RecoveryCodes.CountAsync(code => code.RootKey == rootKey, token),
        ct);

    /// <summary>Seals all that are sealed under another key than the one that creates, in small batches.</summary>
    public async Task RenewAsync(RootKeyRing root, CancellationToken ct)
    {
        List<int> older = [.. root.Numbers.Where(number => number != root.Current).Select(number => (int)number)];
        if (older.Count == 0)
        {
            return;
        }

        while (await runner.RunAsync((transaction, token) => RenewTotpsAsync(transaction.Db, root, older, token), ct)
            + await runner.RunAsync((transaction, token) => RenewCodesAsync(transaction.Db, root, older, token), ct) > 0)
        {
        }
    }

    private static async Task<int> RenewTotpsAsync(AuthDbContext db, RootKeyRing root, List<int> older, CancellationToken ct)
    {
        var rows = await db.Totps.Where(totp => older.Contains(totp.RootKey)).OrderBy(totp => totp.UserId).Take(BatchSize)
            .ToListAsync(ct);
        foreach (var row in rows)
        {
            (row.Sealed, row.RootKey) = Renew(row.Sealed, SealedFactor.PlaceOfTotp(row.UserId), root);
        }

        return rows.Count;
    }

    private static async Task<int> RenewCodesAsync(AuthDbContext db, RootKeyRing root, List<int> older, CancellationToken ct)
    {
        var rows = await db.RecoveryCodes.Where(code => older.Contains(code.RootKey)).OrderBy(code => code.Id).Take(BatchSize)
            .ToListAsync(ct);
        foreach (var row in rows)
        {
            (row.Sealed, row.RootKey) = Renew(row.Sealed, SealedFactor.PlaceOfCode(row.Id, row.UserId), root);
        }

        return rows.Count;
    }

    // A value that can't be opened was changed in the database: it is never right, and is left as it is.
    private static (byte[] Value, int RootKey) Renew(byte[] value, SealedPlace place, RootKeyRing root) =>
        SealedValue.Open(value, place, root) is { } secret
            ? (SealedFactor.Seal(secret, place, root).Value, root.Current)
            : (value, root.Current);
}
