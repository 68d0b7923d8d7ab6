using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Recovery codes, which come and go with the other factors of an account.</summary>
internal static class RecoveryCodes
{
    /// <summary>Adds codes to an account that has none. False if it has some.</summary>
    public static async Task<bool> AddFirstCodesAsync(
        this WriteTransaction transaction, Guid userId, IReadOnlyList<NewRecoveryCode> codes, CancellationToken ct)
    {
        if (await transaction.Db.RecoveryCodes.AnyAsync(code => code.UserId == userId, ct))
        {
            return false;
        }

        transaction.Db.RecoveryCodes.AddRange(codes.Select(code => new RecoveryCodeRow
        {
            Id = code.Id,
            UserId = userId,
            Sealed = code.Sealed.Value,
            RootKey = code.Sealed.RootKey,
        }));
        return true;
    }
}
