using System.Collections.Frozen;
using System.Data.Common;
using AuthServer.Core;
using AuthServer.Observability;

namespace AuthServer.Storage;

/// <summary>
/// The end of a write transaction: its changes to sessions and events are written, and committed durably. Nothing cancels a
/// commit that has begun, so there is a result, or the outcome is unknown.
/// </summary>
/// <param name="provider">The database.</param>
/// <param name="sql">Statements over the connection of the transaction.</param>
/// <param name="transaction">The transaction of the connection; null if one statement is the transaction.</param>
/// <param name="isBatch">True for sessions that are independent of one another; false for all or nothing.</param>
internal sealed class TransactionCommit(
    IStorageProvider provider, ISessionSql sql, DbTransaction? transaction, bool isBatch)
{
    /// <summary>Writes all changes and commits them durably.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="events">The events that are recorded by them.</param>
    /// <param name="ct">Cancels the work up to the commit, never the commit.</param>
    /// <exception cref="WriteConflictException">A session was lost and this is no batch.</exception>
    /// <exception cref="UnavailableException">The outcome of the commit is unknown.</exception>
    public async Task<CommitResult> RunAsync(SessionChanges changes, IReadOnlyList<SecurityEvent> events, CancellationToken ct)
    {
        IReadOnlySet<Guid> lost = transaction is null ? FrozenSet<Guid>.Empty : await sql.WriteAsync(changes, ct);
        if (lost.Count > 0 && !isBatch)
        {
            throw new WriteConflictException();
        }

        ct.ThrowIfCancellationRequested();
        using var timeout = StorageTimeouts.Start(provider.Timeouts.Commit, CancellationToken.None);
        try
        {
            var token = timeout?.Token ?? CancellationToken.None;
            if (transaction is null)
            {
                lost = await sql.WriteAsync(changes, token);
            }
            else
            {
                await transaction.CommitAsync(token);
            }
        }
        catch (Exception exception)
            when (timeout is { IsCancellationRequested: true } || provider.IsCommitOutcomeUnknown(exception))
        {
            throw new UnavailableException("The answer to a commit was lost.", exception) { IsOutcomeUnknown = true };
        }

        return new CommitResult(
            lost.Count == 0 ? changes.Ended : [.. changes.Ended.Where(end => !lost.Contains(end.SessionId))],
            lost.Count == 0 ? changes.Confirmed : [.. changes.Confirmed.Where(end => !lost.Contains(end.SessionId))],
            lost,
            lost.Count == 0 ? changes.Raised : [.. changes.Raised.Where(raised => !lost.Contains(raised.SessionId))],
            lost.Count == 0 ? events : [.. events.Where(one => one.SessionId is not { } id || !lost.Contains(id))],
            changes.HasMail);
    }
}
