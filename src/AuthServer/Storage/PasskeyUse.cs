using AuthServer.Core;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>
/// A proof by a passkey that was verified, and counts once it is used up in the transaction of what it proves.
/// </summary>
/// <param name="PasskeyId">The row of the passkey.</param>
/// <param name="UserId">Its account.</param>
/// <param name="SecurityStamp">The security stamp of the account when the proof was verified.</param>
/// <param name="SignCount">The counter of the signature; 0 if the authenticator has none.</param>
/// <param name="IsBackedUp">True if the passkey has been copied to other devices.</param>
/// <param name="StateId">The id of the state, which works once.</param>
/// <param name="StateEndsAt">The end of the state.</param>
internal sealed record PasskeyUse(
    Guid PasskeyId,
    Guid UserId,
    Guid SecurityStamp,
    uint SignCount,
    bool IsBackedUp,
    Guid StateId,
    DateTimeOffset StateEndsAt) : ProofUse(ErrorCode.InvalidCredentials)
{
    /// <summary>The methods of the proof.</summary>
    public AuthenticationMethods Methods => PasskeyPolicy.MethodsOf(IsBackedUp);

    public override async Task<bool> TryAsync(WriteTransaction transaction, Guid userId, CancellationToken ct) =>
        UserId == userId && await transaction.TryUsePasskeyAsync(this, ct);
}

/// <summary>Uses of passkeys in transactions.</summary>
internal static class PasskeyUses
{
    /// <summary>
    /// Uses a proof up, if the transaction is committed. False if its state was used before, if the passkey was removed
    /// meanwhile, or if its counter does not follow the stored one.
    /// </summary>
    public static async Task<bool> TryUsePasskeyAsync(this WriteTransaction transaction, PasskeyUse use, CancellationToken ct)
    {
        if (!await transaction.TrySpendAsync(use.StateId, use.StateEndsAt, ct))
        {
            return false;
        }

        // The condition is PasskeyPolicy.IsNext. By one statement, because another node may use the passkey too.
        long count = use.SignCount;
        return await transaction.Db.Passkeys
            .Where(row => row.Id == use.PasskeyId && row.UserId == use.UserId)
            .Where(row => row.SignCount < count || (row.SignCount == 0 && count == 0))
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.SignCount, count)
                    .SetProperty(row => row.IsBackedUp, use.IsBackedUp)
                    .SetProperty(row => row.LastUsedAt, transaction.Now),
                ct) == 1;
    }
}
