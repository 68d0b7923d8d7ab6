using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>The passkeys of accounts. Safe to share.</summary>
internal sealed class PasskeyStore(
    TransactionRunner runner, CredentialChanger changer, IStorageProvider provider, UsableProviders usable)
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
    public Task<SessionProofResult> AddAsync(
        PasskeyRow passkey,
        PasskeyState state,
        IReadOnlyList<NewRecoveryCode> codes,
        CredentialChange by,
        CancellationToken ct) => changer.RunAsync(
        by with { SecurityStamp = state.SecurityStamp },
        async (transaction, user, token) =>
        {
            if (!await transaction.TrySpendAsync(state.Id, state.EndsAt, token))
            {
                return ChangeRefusal.Spent;
            }

            var passkeys = transaction.Db.Passkeys;
            if (await passkeys.AnyAsync(row => row.CredentialId == passkey.CredentialId, token))
            {
                return ChangeRefusal.InUse;
            }

            if (await passkeys.CountAsync(row => row.UserId == user.Id, token) >= PasskeyPolicy.MaxPerAccount)
            {
                return ChangeRefusal.TooMany;
            }

            passkeys.Add(passkey);
            Record(transaction, user, by, EventKind.PasskeyAdded, MailKind.FactorAdded, passkey);
            return ChangeResult.Made with { HasNewCodes = await transaction.AddFirstCodesAsync(user.Id, codes, token) };
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
    public Task<SessionProofResult> RemoveAsync(Guid id, CredentialChange by, CancellationToken ct) => changer.RunAsync(
        by,
        async (transaction, user, token) =>
        {
            var passkeys = transaction.Db.Passkeys;
            if (await passkeys.SingleOrDefaultAsync(row => row.Id == id && row.UserId == user.Id, token) is not { } passkey)
            {
                return ChangeRefusal.NotFound;
            }

            if (!await transaction.HasOtherLoginAsync(user, new(id), usable, token))
            {
                return ChangeRefusal.Last;
            }

            passkeys.Remove(passkey);
            await transaction.RemoveFactorRestAsync(user, id, token);
            Record(transaction, user, by, EventKind.PasskeyRemoved, MailKind.FactorRemoved, passkey);
            return ChangeResult.Made;
        },
        ct);

    // The user chooses the name, and a thief of the session could write to the owner by it.
    private static void Record(
        WriteTransaction transaction, UserRow user, CredentialChange by, EventKind kind, MailKind mail, PasskeyRow passkey)
    {
        transaction.Record(new SecurityEvent(kind, by.Client, user.Id)
        {
            SessionId = by.SessionId,
            Detail = passkey.Name,
        });
        var name = DisplayText.WithoutLinks(passkey.Name, DisplayText.MaxLength);
        transaction.Notify(mail, user, $"{new CredentialName(CredentialName.Passkey, name)}");
    }
}
