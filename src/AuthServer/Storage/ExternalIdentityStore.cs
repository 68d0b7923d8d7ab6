using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Identities at other providers that are linked to accounts. Safe to share.</summary>
internal sealed class ExternalIdentityStore(CredentialChanger changer, IStorageProvider provider, UsableProviders usable)
{
    /// <summary>Lists the identities of a user, the oldest first.</summary>
    public Task<List<ExternalIdentityRow>> ListAsync(Guid userId, CancellationToken ct) => provider.ReadAsync(
        (db, token) => db.ExternalIdentities.AsNoTracking()
            .Where(row => row.UserId == userId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(token),
        ct);

    /// <summary>
    /// Links an identity to an account, and ends the user's other sessions. One that is linked to it already changes nothing.
    /// </summary>
    /// <param name="identity">The identity.</param>
    /// <param name="by">The user and the session that ask. The session stays.</param>
    /// <param name="isJoin">True to link only an identity with the verified address of the account.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<SessionProofResult> LinkAsync(
        ExternalIdentity identity, CredentialChange by, bool isJoin, CancellationToken ct) => changer.RunAsync(
        by,
        async (transaction, user, token) =>
        {
            if (await transaction.Db.ExternalIdentities.SingleOrDefaultAsync(
                row => row.Provider == identity.Provider && row.Subject == identity.Subject, token) is { } known)
            {
                return known.UserId == user.Id ? ChangeRefusal.Exists : ChangeRefusal.InUse;
            }

            if (isJoin && (identity.VerifiedEmail is not { } verified || verified != user.VerifiedEmail))
            {
                return ChangeRefusal.OtherAddress;
            }

            transaction.Db.ExternalIdentities.Add(ExternalIdentityRow.Of(identity, user.Id, transaction.Now));
            Record(transaction, user, by, EventKind.ExternalLoginLinked, MailKind.FactorAdded, identity.Provider);
            return ChangeResult.Made;
        },
        ct);

    /// <summary>Unlinks an identity of a user, and ends the user's other sessions.</summary>
    /// <param name="id">The id of the identity.</param>
    /// <param name="by">The user and the session that ask. The session stays.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<SessionProofResult> UnlinkAsync(Guid id, CredentialChange by, CancellationToken ct) => changer.RunAsync(
        by,
        async (transaction, user, token) =>
        {
            var found = transaction.Db.ExternalIdentities.Where(row => row.Id == id && row.UserId == user.Id);
            if (await found.SingleOrDefaultAsync(token) is not { } identity)
            {
                return ChangeRefusal.NotFound;
            }

            if (!await transaction.HasOtherLoginAsync(user, new(id), usable, token))
            {
                return ChangeRefusal.Last;
            }

            transaction.Db.ExternalIdentities.Remove(identity);
            Record(transaction, user, by, EventKind.ExternalLoginUnlinked, MailKind.FactorRemoved, identity.Provider);
            return ChangeResult.Made;
        },
        ct);

    private static void Record(
        WriteTransaction transaction, UserRow user, CredentialChange by, EventKind kind, MailKind mail, string provider)
    {
        transaction.Record(new SecurityEvent(kind, by.Client, user.Id) { SessionId = by.SessionId, Detail = provider });
        transaction.Notify(mail, user, $"{new CredentialName(CredentialName.ExternalLogin, provider)}");
    }
}
