namespace AuthServer.Storage;

/// <summary>
/// How a database reads and writes sessions, and what became of them, by the batch: by hand, for EF Core's queries and change tracking
/// cost more than all the rest of a refresh. Bound to one connection, and used inside the transaction that it is in; not safe to share.
/// </summary>
internal interface ISessionTable : IDisposable
{
    /// <summary>Those of these sessions that there are, with their users.</summary>
    Task<Dictionary<Guid, BatchedSession>> ReadAsync(IEnumerable<Guid> ids);

    /// <summary>Writes what rotations and ends have changed.</summary>
    Task WriteAsync(IEnumerable<BatchedSession> sessions);

    /// <summary>Adds to the audit log, in this order.</summary>
    Task RecordAsync(IEnumerable<EventRow> events);

    /// <summary>The sessions that ended after a moment.</summary>
    Task<IReadOnlyList<SessionEnd>> EndedSinceAsync(DateTimeOffset moment);
}
