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

    /// <summary>Seals all that are sealed under an older key than the one that creates, in small batches.</summary>
    public async Task RenewAsync(RootKeyRing root, CancellationToken ct)
    {
        List<int> older = [.. root.Numbers.Where(number => number < root.Current).Select(number => (int)number)];
        if (older.Count == 0 || !await HasOlderAsync(older, ct))
        {
            return;
        }

        while (await runner.RunAsync((transaction, token) => RenewTotpsAsync(transaction.Db, root, older, token), ct)
            + await runner.RunAsync((transaction, token) => RenewCodesAsync(transaction.Db, root, older, token), ct) > 0)
        {
        }
    }

    // A read, because this is asked every minute and nothing is older as a rule.
    private Task<bool> HasOlderAsync(List<int> older, CancellationToken ct) => provider.ReadAsync(
        async (db, token) => await db.Totps.AnyAsync(totp => older.Contains(totp.RootKey), token)
            || await db.RecoveryCodes.AnyAsync(code => older.Contains(code.RootKey), token),
        ct);

    // Each only as it was read, because it may be used or replaced meanwhile.
    private static async Task<int> RenewTotpsAsync(AuthDbContext db, RootKeyRing root, List<int> older, CancellationToken ct)
    {
        var rows = await db.Totps.AsNoTracking().Where(totp => older.Contains(totp.RootKey))
            .OrderBy(totp => totp.UserId).Take(BatchSize).ToListAsync(ct);
        foreach (var row in rows)
        {
            var value = Renew(row.Sealed, SealedFactor.PlaceOfTotp(row.UserId), root);
            await db.Totps.Where(totp => totp.UserId == row.UserId && totp.Sealed == row.Sealed).ExecuteUpdateAsync(
                set => set.SetProperty(totp => totp.Sealed, value).SetProperty(totp => totp.RootKey, root.Current), ct);
        }

        return rows.Count;
    }

    private static async Task<int> RenewCodesAsync(AuthDbContext db, RootKeyRing root, List<int> older, CancellationToken ct)
    {
        var rows = await db.RecoveryCodes.AsNoTracking().Where(code => older.Contains(code.RootKey))
            .OrderBy(code => code.Id).Take(BatchSize).ToListAsync(ct);
        foreach (var row in rows)
        {
            var value = Renew(row.Sealed, SealedFactor.PlaceOfCode(row.Id, row.UserId), root);
            await db.RecoveryCodes.Where(code => code.Id == row.Id).ExecuteUpdateAsync(
                set => set.SetProperty(code => code.Sealed, value).SetProperty(code => code.RootKey, root.Current), ct);
        }

        return rows.Count;
    }

    // A value that can't be opened was changed in the database: it is never right, and is left as it is.
    private static byte[] Renew(byte[] value, SealedPlace place, RootKeyRing root) =>
        SealedValue.Open(value, place, root) is { } secret ? SealedFactor.Seal(secret, place, root).Value : value;
}
