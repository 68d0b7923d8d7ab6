using System.Data.Common;

namespace AuthServer.Storage;

/// <summary>
/// The database without EF Core, for what can't wait until that is ready, which takes longer than all the rest of a start, and for
/// what is asked too often to pay for it.
/// </summary>
internal interface IDatabase
{
    /// <summary>Claims the database and brings its tables up to date.</summary>
    /// <exception cref="StartupException">The database can't be used as it is.</exception>
    Task PrepareAsync(CancellationToken ct);

    /// <summary>An open connection. The caller disposes of it.</summary>
    Task<DbConnection> OpenAsync(CancellationToken ct);

    /// <summary>An open connection to write by, on which what is committed is durable. The caller disposes of it.</summary>
    Task<IWriteConnection> OpenToWriteAsync(CancellationToken ct);

    /// <summary>The sessions over an open connection of this database. The caller disposes of them before the connection.</summary>
    ISessionTable Sessions(DbConnection connection);
}
