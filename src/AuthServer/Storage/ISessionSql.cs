using System.Data.Common;

namespace AuthServer.Storage;

/// <summary>
/// All statements on sessions and events over one connection. They stay prepared: queries and change tracking of EF Core cost
/// more than the rest of a refresh. A test holds them to EF Core's model. Not safe to share.
/// </summary>
internal interface ISessionSql : IAsyncDisposable
{
    DbConnection Connection { get; }

    /// <summary>
    /// True if <see cref="WriteAsync"/> is one statement, atomic by itself, so that a batch needs no transaction around it.
    /// </summary>
    bool IsOneStatement { get; }

    /// <summary>Loads those of these sessions that exist, with their users. They are not locked.</summary>
    /// <param name="ids">The sessions.</param>
    /// <param name="changes">The only changes that the sessions can become part of.</param>
    /// <param name="ct">Cancels the query.</param>
    Task<Dictionary<Guid, LoadedSession>> LoadAsync(IReadOnlyCollection<Guid> ids, SessionChanges changes, CancellationToken ct);

    /// <summary>
    /// Loads the live sessions of a user and locks them, in the order of their ids, until the transaction is over.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="limit">Maximum number of them. The oldest are loaded if there are more.</param>
    /// <param name="besides">One more session, of any user, if it is live. Loaded apart, it would be locked out of order.</param>
    /// <param name="changes">The only changes that the sessions can become part of.</param>
    /// <param name="ct">Cancels the query.</param>
    Task<List<LoadedSession>> LoadLiveAsync(
        Guid userId, int limit, Guid? besides, SessionChanges changes, CancellationToken ct);

    /// <summary>Locks a user until the transaction is over: no other can change it or open a session of it.</summary>
    Task LockUserAsync(Guid userId, CancellationToken ct);

    /// <summary>Locks the question if there is another administrator, until the transaction is over.</summary>
    Task LockAdministratorsAsync(CancellationToken ct);

    /// <summary>Writes changes to sessions, their events, and the notification of other nodes.</summary>
    /// <returns>
    /// The sessions that another transaction has changed since they were loaded, or has locked. Nothing was written, recorded or
    /// notified for these.
    /// </returns>
    Task<IReadOnlySet<Guid>> WriteAsync(SessionChanges changes, CancellationToken ct);

    /// <summary>Makes other nodes read the database again, once the transaction is committed.</summary>
    Task NotifyAsync(CancellationToken ct);

    /// <summary>Notifies other nodes of a raised epoch, once the transaction is committed.</summary>
    Task NotifyAsync(SessionEpoch raised, CancellationToken ct);

    /// <summary>Adds an event of no kind and removes it, so that the commit has something to write.</summary>
    Task ProbeAsync(CancellationToken ct);

    /// <summary>Removes sessions that ended before a moment, oldest end first. Returns how many.</summary>
    Task<int> RemoveEndedAsync(DateTimeOffset before, int limit, CancellationToken ct);

    /// <summary>Removes events from before a moment, oldest first. Returns how many.</summary>
    Task<int> RemoveEventsAsync(DateTimeOffset before, int limit, CancellationToken ct);
}
