using AuthServer.Core;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage;

/// <summary>A link of an identity to the account of a live session.</summary>
/// <param name="Identity">The identity.</param>
/// <param name="UserId">The account.</param>
/// <param name="SecurityStamp">The account's security stamp when the user asked for the link.</param>
/// <param name="SessionId">The session in which the user asked.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record NewLink(
    ExternalIdentity Identity, Guid UserId, Guid SecurityStamp, Guid SessionId, ClientInfo Client);

/// <summary>Result of linking an identity.</summary>
internal enum LinkResult
{
    /// <summary>The identity is the account's.</summary>
    Linked,

    /// <summary>The identity is another account's. Nothing was changed.</summary>
    InUse,

    /// <summary>The session has ended, or credentials have changed since the user asked. Nothing was changed.</summary>
    Void,
}

/// <summary>Result of unlinking an identity.</summary>
internal enum UnlinkResult
{
    /// <summary>The identity was removed.</summary>
    Unlinked,

    /// <summary>The user has no such identity.</summary>
    NotFound,

    /// <summary>The account has no other credential. Nothing was changed.</summary>
    Last,
}

/// <summary>Identities at other providers that are linked to accounts. Safe to share.</summary>
internal sealed class ExternalIdentityStore(TransactionRunner runner, SessionEnder ender, IStorageProvider provider)
{
    /// <summary>Lists the identities of a user, the oldest first.</summary>
    public Task<List<ExternalIdentityRow>> ListAsync(Guid userId, CancellationToken ct) => provider.ReadAsync(
        (db, token) => db.ExternalIdentities.AsNoTracking()
            .Where(row => row.UserId == userId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(token),
        ct);

    /// <summary>Links an identity to an account. Proofs of its credentials from before are void then.</summary>
    public Task<LinkResult> LinkAsync(NewLink link, CancellationToken ct) => runner.RunAsync(
        async (transaction, token) =>
        {
            var user = await transaction.LoadUserAsync(link.UserId, token);
            var session = (await transaction.LoadAsync([link.SessionId], token)).GetValueOrDefault(link.SessionId);
            if (user is not { Disabled: false } || user.SecurityStamp != link.SecurityStamp
                || session?.Row is not { EndReason: null } row || row.UserId != user.Id)
            {
                return LinkResult.Void;
            }

            var (of, subject) = (link.Identity.Provider, link.Identity.Subject);
            if (await transaction.Db.ExternalIdentities.SingleOrDefaultAsync(
                one => one.Provider == of && one.Subject == subject, token) is { } known)
            {
                return known.UserId == user.Id ? LinkResult.Linked : LinkResult.InUse;
            }

            transaction.Db.ExternalIdentities.Add(ExternalIdentityRow.Of(link.Identity, user.Id, transaction.Now));
            user.ChangeCredentials();
            transaction.Record(new SecurityEvent(EventKind.ExternalLoginLinked, link.Client, user.Id)
            {
                SessionId = link.SessionId,
                Detail = of,
            });
            return LinkResult.Linked;
        },
        ct);

    /// <summary>Unlinks an identity of a user, and ends the user's other sessions.</summary>
    /// <param name="id">The id of the identity.</param>
    /// <param name="userId">The user.</param>
    /// <param name="sessionId">The session of the request, which stays.</param>
    /// <param name="client">The origin of the request.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<UnlinkResult> UnlinkAsync(
        Guid id, Guid userId, Guid sessionId, ClientInfo client, CancellationToken ct) => ender.RunAsync(
        userId,
        EndReason.Revoked,
        spared: sessionId,
        client,
        async (transaction, token) =>
        {
            var user = await transaction.LoadUserAsync(userId, token);
            var rows = await transaction.Db.ExternalIdentities.Where(row => row.UserId == userId).ToListAsync(token);
            if (user is null || rows.Find(row => row.Id == id) is not { } identity)
            {
                return UnlinkResult.NotFound;
            }

            if (!user.HasPassword && rows.Count == 1)
            {
                return UnlinkResult.Last;
            }

            transaction.Db.ExternalIdentities.Remove(identity);
            user.ChangeCredentials();
            transaction.Record(new SecurityEvent(EventKind.ExternalLoginUnlinked, client, userId)
            {
                SessionId = sessionId,
                Detail = identity.Provider,
            });
            await transaction.EndAllAsync(user, EndReason.Revoked, except: sessionId, client, token);
            return UnlinkResult.Unlinked;
        },
        ct);
}
