using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Something that a proof uses up, in the transaction that it leads to: it works once on all nodes.</summary>
/// <param name="Refusal">The refusal if it was used before.</param>
internal abstract record ProofUse(ErrorCode Refusal)
{
    /// <summary>Uses it up. False if it was used before, or is gone.</summary>
    public abstract Task<bool> TryAsync(WriteTransaction transaction, Guid userId, CancellationToken ct);
}

/// <summary>The link or the code of a mail.</summary>
internal sealed record MailUse(Guid MailId, ErrorCode Refusal) : ProofUse(Refusal)
{
    public override Task<bool> TryAsync(WriteTransaction transaction, Guid userId, CancellationToken ct) =>
        transaction.TryUseAsync(MailId, ct);
}

/// <summary>A sealed token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="EndsAt">The moment from which it is refused.</param>
/// <param name="Refusal">The refusal if it was used before.</param>
internal sealed record TokenUse(Guid Id, DateTimeOffset EndsAt, ErrorCode Refusal) : ProofUse(Refusal)
{
    public override Task<bool> TryAsync(WriteTransaction transaction, Guid userId, CancellationToken ct) =>
        transaction.TrySpendAsync(Id, EndsAt, ct);
}

/// <summary>A code of an authenticator app.</summary>
/// <param name="Step">Its time step. Codes of earlier steps are used up with it.</param>
internal sealed record TotpUse(long Step) : ProofUse(ErrorCode.SecondFactorInvalid)
{
    public override async Task<bool> TryAsync(WriteTransaction transaction, Guid userId, CancellationToken ct) =>
        await transaction.Db.Totps
            .Where(totp => totp.UserId == userId && totp.ConfirmedAt != null && totp.LastStep < Step)
            .ExecuteUpdateAsync(set => set.SetProperty(totp => totp.LastStep, Step), ct) == 1;
}

/// <summary>A recovery code.</summary>
internal sealed record RecoveryCodeUse(Guid Id) : ProofUse(ErrorCode.SecondFactorInvalid)
{
    public override async Task<bool> TryAsync(WriteTransaction transaction, Guid userId, CancellationToken ct) =>
        await transaction.Db.RecoveryCodes.Where(code => code.Id == Id && code.UserId == userId).ExecuteDeleteAsync(ct) == 1;
}

internal static class ProofUses
{
    /// <summary>Uses all up. The refusal of the first that can't be used, which leaves the later ones; else null.</summary>
    public static async Task<ErrorCode?> UseAsync(
        this WriteTransaction transaction, IEnumerable<ProofUse> uses, Guid userId, CancellationToken ct)
    {
        foreach (var use in uses)
        {
            if (!await use.TryAsync(transaction, userId, ct))
            {
                return use.Refusal;
            }
        }

        return null;
    }
}
