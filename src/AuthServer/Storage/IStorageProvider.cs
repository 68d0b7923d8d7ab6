using System.Data.Common;
using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>
/// A kind of database: opens and prepares it, and knows its exceptions. A provider also registers a hosted service that publishes
/// to <see cref="SessionEndPublisher"/> the sessions that other nodes and commands have ended. Safe to share.
/// </summary>
internal interface IStorageProvider
{
    /// <summary>The database as messages call it: a file, or a name and a host.</summary>
    string Name { get; }

    /// <summary>True unless the database is a file that has not been made yet.</summary>
    bool Exists { get; }

    /// <summary>Number of transactions that may write at the same time.</summary>
    int WriteConcurrency { get; }

    StorageTimeouts Timeouts { get; }

    /// <summary>
    /// Statement after the beginning of each transaction, which limits its wait for a lock; null if it can't have to wait.
    /// </summary>
    string? LockTimeout { get; }

    /// <summary>The reason why this node must not work although the database answers; null if there is none.</summary>
    string? NotReadyReason { get; }

    /// <summary>Claims the database and brings its tables up to date, as far as <paramref name="use"/> asks for it.</summary>
    /// <exception cref="Hosting.StartupException">The database can't be used as it is.</exception>
    Task PrepareAsync(StorageUse use, CancellationToken ct);

    /// <summary>Opens a connection, which the caller disposes of. It does not load EF Core.</summary>
    Task<DbConnection> OpenAsync(CancellationToken ct);

    /// <summary>Creates a context over a connection of its own, which the caller disposes of.</summary>
    AuthDbContext CreateContext();

    /// <summary>Creates a context inside a transaction. It leaves connection and transaction open.</summary>
    AuthDbContext CreateContext(DbConnection connection, DbTransaction transaction);

    /// <summary>Opens a connection for writing, or takes an idle one. What is committed over it is durable.</summary>
    ValueTask<ISessionSql> OpenForWritingAsync(CancellationToken ct);

    /// <summary>Takes back what <see cref="OpenForWritingAsync"/> returned.</summary>
    /// <param name="sql">The statements and their connection.</param>
    /// <param name="isReusable">False if a transaction failed on the connection, which is closed then.</param>
    ValueTask ReleaseAsync(ISessionSql sql, bool isReusable);

    /// <summary>
    /// Writes back what is in the log alone, beside the writers. Much of it at once would make one commit wait that has to do so.
    /// </summary>
    Task CheckpointAsync(CancellationToken ct);

    /// <summary>Reads the sessions that ended after a moment.</summary>
    Task<IReadOnlyList<SessionEnd>> EndedSinceAsync(DateTimeOffset moment, CancellationToken ct);

    /// <summary>Classifies an exception, or one that it wraps.</summary>
    StorageFault FaultOf(Exception exception);

    /// <summary>True if a commit that threw this may have happened all the same; false if it was certainly rolled back.</summary>
    bool IsCommitOutcomeUnknown(Exception exception);
}
