namespace AuthServer.Storage;

/// <summary>A connection that writes, one turn after the other. Not safe to share.</summary>
internal interface IWriteConnection : IAsyncDisposable
{
    /// <summary>Everything, in the transaction of the turn. EF Core gets ready when this is first asked for.</summary>
    AuthDbContext Db { get; }

    /// <summary>Whether the database has gone away under the turn, whatever the exceptions say that tell of it.</summary>
    bool IsBroken { get; }

    /// <summary>Begins a turn.</summary>
    Task BeginAsync(CancellationToken ct);

    /// <summary>
    /// Those of these sessions that there are, with their users: by hand, for EF Core's queries and change tracking cost more than all
    /// the rest of a refresh.
    /// </summary>
    Task<Dictionary<Guid, LoadedSession>> ReadAsync(IReadOnlyCollection<Guid> ids);

    /// <summary>Keeps everybody else from changing a user, and from opening sessions of it, until the turn is over.</summary>
    Task LockUserAsync(Guid userId);

    /// <summary>Keeps everybody else from changing the live sessions of a user until the turn is over.</summary>
    Task LockSessionsAsync(Guid userId);

    /// <summary>
    /// Makes durable what <see cref="Db"/> tracks, what has changed of the sessions that the turn has read, and what it recorded. Where
    /// it throws, nothing was written; where the connection breaks just then, nobody knows.
    /// </summary>
    /// <returns>The sessions that somebody else has changed since they were read. Nothing of these was written or recorded.</returns>
    Task<IReadOnlySet<Guid>> CommitAsync(WriteTransaction turn);
}
