using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Result of a change of passkeys. Nothing was changed unless it says so.</summary>
internal enum PasskeyResult
{
    /// <summary>The change was made.</summary>
    Changed,

    /// <summary>The state of the registration was used before.</summary>
    Spent,

    /// <summary>The passkey is known already, here or at another account.</summary>
    InUse,

    /// <summary>The account has as many passkeys as it may have.</summary>
    TooMany,

    /// <summary>The user has no such passkey.</summary>
    NotFound,

    /// <summary>The account has no other credential.</summary>
    Last,

    /// <summary>The session has ended, its handle is old, or credentials have changed since the user asked.</summary>
    Void,
}

/// <summary>Outcome of a change of passkeys.</summary>
/// <param name="Result">The result.</param>
/// <param name="Grant">The grant for a new handle of the session; null unless one was replaced.</param>
/// <param name="HasNewCodes">True if recovery codes were added.</param>
internal readonly record struct PasskeyOutcome(PasskeyResult Result, SessionGrant? Grant = null, bool HasNewCodes = false)
{
    public static implicit operator PasskeyOutcome(PasskeyResult result) => new(result);
}

/// <summary>The passkeys of accounts. Safe to share.</summary>
internal sealed class PasskeyStore(
    TransactionRunner runner, SessionEnder ender, IStorageProvider provider, UsableProviders usable, SessionPolicy policy)
{
    /// <summary>Finds an account. Null if there is none.</summary>
    public Task<UserRow?> FindOwnerAsync(Guid userId, CancellationToken ct) => provider.ReadAsync(
        (db, token) => db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == userId, token), ct);

    /// <summary>Finds the passkey of a credential. Null if there is none.</summary>
    public Task<PasskeyRow?> FindAsync(byte[] credentialId, CancellationToken ct) => provider.ReadAsync(
        (db, token) => db.Passkeys.AsNoTracking().SingleOrDefaultAsync(row => row.CredentialId == credentialId, token), ct);

    /// <summary>Lists the passkeys of a user, the oldest first.</summary>
    public Task<List<PasskeyRow>> ListAsync(Guid userId, CancellationToken ct) => provider.ReadAsync(
        (db, token) => db.Passkeys.AsNoTracking()
            .Where(row => row.UserId == userId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(token),
        ct);

    /// <summary>Adds a passkey to an account, and ends the user's other sessions.</summary>
    /// <param name="passkey">The passkey.</param>
    /// <param name="state">The state of its registration, which is used up.</param>
    /// <param name="codes">Recovery codes, which are stored if the account has none.</param>
    /// <param name="by">The user and the session that ask. The session stays.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<PasskeyOutcome> AddAsync(
        PasskeyRow passkey,
        PasskeyState state,
        IReadOnlyList<NewRecoveryCode> codes,
        CredentialChange by,
        CancellationToken ct) => RunAsync(
        by,
        async (transaction, token) =>
        {
            if (!await transaction.TrySpendAsync(state.Id, state.EndsAt, token))
            {
                return PasskeyResult.Spent;
            }

            // The account is locked first, so that its passkeys are counted right.
            await transaction.LoadUserAsync(by.UserId, token);
            var passkeys = transaction.Db.Passkeys;
            if (await passkeys.AnyAsync(row => row.CredentialId == passkey.CredentialId, token))
            {
                return PasskeyResult.InUse;
            }

            if (await passkeys.CountAsync(row => row.UserId == by.UserId, token) >= PasskeyPolicy.MaxPerAccount)
            {
                return PasskeyResult.TooMany;
            }

            var hasNewCodes = false;
            var outcome = await ChangeAsync(transaction, by, state.SecurityStamp, async user =>
            {
                passkeys.Add(passkey);
                hasNewCodes = await transaction.AddFirstCodesAsync(user.Id, codes, token);
                Record(transaction, user, by, EventKind.PasskeyAdded, MailKind.FactorAdded, passkey);
            }, token);
            return outcome with { HasNewCodes = hasNewCodes };
        },
        ct);

    /// <summary>Gives a passkey of a user another name. False if the user has no such passkey.</summary>
    public Task<bool> RenameAsync(Guid id, Guid userId, string name, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) => await transaction.Db.Passkeys
            .Where(row => row.Id == id && row.UserId == userId)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Name, name), token) == 1,
        ct);

    /// <summary>Removes a passkey of a user, and ends the user's other sessions.</summary>
    /// <param name="id">The id of the passkey.</param>
    /// <param name="by">The user and the session that ask. The session stays.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<PasskeyOutcome> RemoveAsync(Guid id, CredentialChange by, CancellationToken ct) => RunAsync(
        by,
        async (transaction, token) =>
        {
            var owner = await transaction.LoadUserAsync(by.UserId, token);
            var passkeys = transaction.Db.Passkeys;
            if (owner is null
                || await passkeys.SingleOrDefaultAsync(row => row.Id == id && row.UserId == owner.Id, token) is not { } passkey)
            {
                return PasskeyResult.NotFound;
            }

            if (!await transaction.HasOtherLoginAsync(owner, new(id), usable, token))
            {
                return PasskeyResult.Last;
            }

            return await ChangeAsync(transaction, by, owner.SecurityStamp, async user =>
            {
                passkeys.Remove(passkey);
                await transaction.RemoveFactorRestAsync(user, id, token);
                Record(transaction, user, by, EventKind.PasskeyRemoved, MailKind.FactorRemoved, passkey);
            }, token);
        },
        ct);

    private Task<PasskeyOutcome> RunAsync(
        CredentialChange by, Func<WriteTransaction, CancellationToken, Task<PasskeyOutcome>> work, CancellationToken ct) =>
        ender.RunAsync(by.UserId, EndReason.Revoked, spared: by.SessionId, by.Client, work, ct);

    private async Task<PasskeyOutcome> ChangeAsync(
        WriteTransaction transaction,
        CredentialChange by,
        Guid securityStamp,
        Func<UserRow, Task> changeAsync,
        CancellationToken ct)
    {
        var result = await by.ProofOf(securityStamp).UseAsync(
            transaction,
            policy,
            async (user, _) =>
            {
                await changeAsync(user);
                user.ChangeCredentials();
                await transaction.EndAllAsync(user, EndReason.Revoked, except: by.SessionId, by.Client, ct);
            },
            ct);
        return result is SessionProofUsed used ? new PasskeyOutcome(PasskeyResult.Changed, used.Grant) : PasskeyResult.Void;
    }

    // The user chooses the name, and a thief of the session could write to the owner by it.
    private static void Record(
        WriteTransaction transaction, UserRow user, CredentialChange by, EventKind kind, MailKind mail, PasskeyRow passkey)
    {
        transaction.Record(new SecurityEvent(kind, by.Client, user.Id)
        {
            SessionId = by.SessionId,
            Detail = passkey.Name,
        });
        transaction.Notify(mail, user, $"Passkey \"{DisplayText.WithoutLinks(passkey.Name, DisplayText.MaxLength)}\"");
    }
}
