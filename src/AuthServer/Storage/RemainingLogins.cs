using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>The way to log in that is to be removed from an account.</summary>
/// <param name="Id">The identity or the passkey; null for the address.</param>
internal readonly record struct RemovedLogin(Guid? Id)
{
    /// <summary>The verified address.</summary>
    public static RemovedLogin Address => new(null);
}

/// <summary>
/// The ways to log in that an account has: a password, an identity at a usable provider, and a passkey. A verified address is
/// one too, because a password can be set by it.
/// </summary>
internal static class RemainingLogins
{
    /// <summary>True if an account that loses one way to log in has another one left.</summary>
    /// <param name="transaction">The transaction of the removal.</param>
    /// <param name="user">The account, which the transaction has loaded.</param>
    /// <param name="removed">The way that is removed.</param>
    /// <param name="usable">The providers that users can log in by.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public static async Task<bool> HasOtherLoginAsync(
        this WriteTransaction transaction, UserRow user, RemovedLogin removed, UsableProviders usable, CancellationToken ct) =>
        user.HasPassword
        || (removed != RemovedLogin.Address && user.VerifiedEmail is not null)
        || await transaction.Db.ExternalIdentities.AnyAsync(
            row => row.UserId == user.Id && row.Id != removed.Id && usable.Ids.Contains(row.Provider), ct)
        || await transaction.Db.Passkeys.AnyAsync(row => row.UserId == user.Id && row.Id != removed.Id, ct);

    /// <summary>
    /// Requires no second factor any more of an account that has none left after a removal, and removes its recovery codes.
    /// </summary>
    /// <param name="transaction">The transaction of the removal.</param>
    /// <param name="user">The account, which the transaction has loaded.</param>
    /// <param name="removed">The passkey that is removed; null for the authenticator app.</param>
    /// <param name="ct">Cancels the work.</param>
    public static async Task RemoveFactorRestAsync(
        this WriteTransaction transaction, UserRow user, Guid? removed, CancellationToken ct)
    {
        var hasOther = await transaction.Db.Passkeys.AnyAsync(row => row.UserId == user.Id && row.Id != removed, ct)
            || (removed is not null
                && await transaction.Db.Totps.AnyAsync(row => row.UserId == user.Id && row.ConfirmedAt != null, ct));
        if (!hasOther)
        {
            user.SecondFactorRequired = false;
            await transaction.Db.RecoveryCodes.Where(code => code.UserId == user.Id).ExecuteDeleteAsync(ct);
        }
    }
}
