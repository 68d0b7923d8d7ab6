using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>The second factors of an account.</summary>
/// <param name="Required">True if logins need one.</param>
/// <param name="HasTotp">True if there is an authenticator app.</param>
/// <param name="Passkeys">The passkeys, the oldest first.</param>
/// <param name="RecoveryCodesLeft">Number of recovery codes that were not used.</param>
internal sealed record FactorOverview(
    bool Required, bool HasTotp, IReadOnlyList<PasskeyRow> Passkeys, int RecoveryCodesLeft);

/// <summary>Queries of second factors.</summary>
internal static class SecondFactorReads
{
    /// <summary>Finds the kinds of factors that an account has.</summary>
    public static async Task<FactorKinds> FindFactorsAsync(this AuthDbContext db, Guid userId, CancellationToken ct)
    {
        var found = await db.Users.Where(u => u.Id == userId).Select(u => new
        {
            Totp = db.Totps.Any(totp => totp.UserId == userId && totp.ConfirmedAt != null),
            Passkey = db.Passkeys.Any(passkey => passkey.UserId == userId),
            Code = db.RecoveryCodes.Any(code => code.UserId == userId),
        }).SingleAsync(ct);
        return (found.Totp ? FactorKinds.Totp : 0) | (found.Passkey ? FactorKinds.Passkey : 0)
            | (found.Code ? FactorKinds.RecoveryCode : 0);
    }

    /// <summary>Reads the factors of an account. Null if there is no such account.</summary>
    public static async Task<FactorOverview?> ReadFactorsAsync(this AuthDbContext db, Guid userId, CancellationToken ct)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId, ct) is not { } user)
        {
            return null;
        }

        var passkeys = await db.Passkeys.AsNoTracking().Where(p => p.UserId == userId).OrderBy(p => p.CreatedAt).ToListAsync(ct);
        return new FactorOverview(
            user.SecondFactorRequired,
            await db.Totps.AnyAsync(totp => totp.UserId == userId && totp.ConfirmedAt != null, ct),
            passkeys,
            await db.RecoveryCodes.CountAsync(code => code.UserId == userId, ct));
    }
}
