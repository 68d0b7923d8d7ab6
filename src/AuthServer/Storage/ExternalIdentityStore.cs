using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>Result of a change of identities. Nothing was changed unless it says so.</summary>
internal enum IdentityResult
{
    /// <summary>The change was made, or the identity was the account's already.</summary>
    Changed,

    /// <summary>The identity is another account's.</summary>
    InUse,

    /// <summary>The identity does not have the verified address of the account, which a join needs.</summary>
    OtherAddress,

    /// <summary>The user has no such identity.</summary>
    NotFound,

    /// <summary>The account has no other credential.</summary>
    Last,

    /// <summary>The session has ended, its handle is old, or credentials have changed since the user asked.</summary>
    Void,
}

/// <summary>Outcome of a change of identities.</summary>
/// <param name="Result">The result.</param>
/// <param name="Grant">The grant for a new handle of the session; null unless one was replaced.</param>
internal readonly record struct IdentityOutcome(IdentityResult Result, SessionGrant? Grant = null)
{
    public static implicit operator IdentityOutcome(IdentityResult result) => new(result);
}

/// <summary>Identities at other providers that are linked to accounts. Safe to share.</summary>
internal sealed class ExternalIdentityStore(
    TransactionRunner runner, SessionEnder ender, IStorageProvider provider, UsableProviders usable, SessionPolicy policy)
{
    /// <summary>Lists the identities of a user, the oldest first.</summary>
    public Task<List<ExternalIdentityRow>> ListAsync(Guid userId, CancellationToken ct) => provider.ReadAsync(
        (db, token) => db.ExternalIdentities.AsNoTracking()
            .Where(row => row.UserId == userId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(token),
        ct);

    /// <summary>Links an identity to an account. Proofs of its credentials from before are void then.</summary>
    /// <param name="identity">The identity.</param>
    /// <param name="by">The user and the session that ask.</param>
    /// <param name="securityStamp">The account's security stamp when the user asked.</param>
    /// <param name="isJoin">True to link only an identity with the verified address of the account.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<IdentityOutcome> LinkAsync(
        ExternalIdentity identity, CredentialChange by, Guid securityStamp, bool isJoin, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            if (await transaction.Db.ExternalIdentities.SingleOrDefaultAsync(
                row => row.Provider == identity.Provider && row.Subject == identity.Subject, token) is { } known)
            {
                return known.UserId == by.UserId ? IdentityResult.Changed : IdentityResult.InUse;
            }

            var user = await transaction.LoadUserAsync(by.UserId, token);
            if (isJoin && (identity.VerifiedEmail is not { } verified || verified != user?.VerifiedEmail))
            {
                return IdentityResult.OtherAddress;
            }

            return await ChangeAsync(transaction, by, securityStamp, EventKind.ExternalLoginLinked, identity.Provider, () =>
            {
                transaction.Db.ExternalIdentities.Add(ExternalIdentityRow.Of(identity, by.UserId, transaction.Now));
                return Task.CompletedTask;
            }, token);
        },
        ct);

    /// <summary>Unlinks an identity of a user, and ends the user's other sessions.</summary>
    /// <param name="id">The id of the identity.</param>
    /// <param name="by">The user and the session that ask. The session stays.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<IdentityOutcome> UnlinkAsync(Guid id, CredentialChange by, CancellationToken ct) => ender.RunAsync(
        by.UserId,
        EndReason.Revoked,
        spared: by.SessionId,
        by.Client,
        async (transaction, token) =>
        {
            var user = await transaction.LoadUserAsync(by.UserId, token);
            var found = transaction.Db.ExternalIdentities.Where(row => row.Id == id && row.UserId == by.UserId);
            if (user is null || await found.SingleOrDefaultAsync(token) is not { } identity)
            {
                return IdentityResult.NotFound;
            }

            if (!await transaction.HasOtherLoginAsync(user, new(id), usable, token))
            {
                return IdentityResult.Last;
            }

            var (stamp, of) = (user.SecurityStamp, identity.Provider);
            return await ChangeAsync(transaction, by, stamp, EventKind.ExternalLoginUnlinked, of, () =>
            {
                transaction.Db.ExternalIdentities.Remove(identity);
                return transaction.EndAllAsync(user, EndReason.Revoked, except: by.SessionId, by.Client, token);
            }, token);
        },
        ct);

    private async Task<IdentityOutcome> ChangeAsync(
        WriteTransaction transaction,
        CredentialChange by,
        Guid securityStamp,
        EventKind kind,
        string of,
        Func<Task> changeAsync,
        CancellationToken ct)
    {
        var result = await by.ProofOf(securityStamp).UseAsync(
            transaction,
            policy,
            (user, _) =>
            {
                user.ChangeCredentials();
                transaction.Record(new SecurityEvent(kind, by.Client, by.UserId) { SessionId = by.SessionId, Detail = of });
                return changeAsync();
            },
            ct);
        return result is SessionProofUsed used ? new IdentityOutcome(IdentityResult.Changed, used.Grant) : IdentityResult.Void;
    }
}
