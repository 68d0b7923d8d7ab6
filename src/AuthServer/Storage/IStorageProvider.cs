using System.Data.Common;
using AuthServer.Core;
using AuthServer.Hosting;

namespace AuthServer.Storage;

/// <summary>
/// The database without EF Core, for what can't wait until that is ready, which takes longer than all the rest of a start, and for
/// what is asked too often to pay for it.
/// </summary>
internal interface IStorageProvider
{
    /// <summary>How many may write at the same time.</summary>
    int Writers { get; }

    /// <summary>How long anybody waits for a turn to write.</summary>
    TimeSpan LongestWait { get; }

    /// <summary>How long anybody waits for an answer; <see cref="Timeout.InfiniteTimeSpan"/> where there is always one.</summary>
    TimeSpan LongestAnswer { get; }

    /// <summary>What keeps this node from its work although the database answers; null for nothing.</summary>
    string? Trouble { get; }

    /// <summary>The database as messages call it: a file, or a name and a host.</summary>
    string Name { get; }

    /// <summary>True unless the database is a file that has not been made yet.</summary>
    bool Exists { get; }

    /// <summary>Claims the database and brings its tables up to date, as far as <paramref name="use"/> asks for it.</summary>
    /// <exception cref="StartupException">The database can't be used as it is.</exception>
    Task PrepareAsync(StorageUse use, CancellationToken ct);

    /// <summary>Compares keys with those of the other nodes on this database, and leaves what is new for them to compare with.</summary>
    /// <exception cref="StartupException">Another key is known under the same number.</exception>
    Task VerifyKeysAsync(IReadOnlyList<KeyFingerprint> keys, CancellationToken ct);

    /// <summary>An open connection. The caller disposes of it.</summary>
    Task<DbConnection> OpenAsync(CancellationToken ct);

    /// <summary>An open connection to write by, on which what is committed is durable. The caller disposes of it.</summary>
    Task<IWriteConnection> OpenToWriteAsync(CancellationToken ct);

    /// <summary>The sessions that ended after a moment.</summary>
    Task<IReadOnlyList<SessionEnd>> EndedSinceAsync(DateTimeOffset moment, CancellationToken ct);
}
