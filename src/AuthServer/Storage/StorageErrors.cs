using AuthServer.Core;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AuthServer.Storage;

internal static class StorageErrors
{
    // SQLITE_BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB. Source: sqlite.org/rescode.html.
    private static readonly int[] SqliteCodes = [5, 6, 8, 10, 11, 13, 14, 15, 26];

    // Connection, authorization, a database that is none, read-only (a standby), rollback, resources, limits, intervention (shutdown and
    // the like), the system's errors, files and damage. Source: postgresql.org/docs/current/errcodes-appendix.html.
    private static readonly string[] PostgresClasses = ["08", "28", "3D", "25", "40", "53", "54", "55", "57", "58", "F0", "XX"];

    /// <summary>True if an exception, or one it wraps, says that the database is away or too busy.</summary>
    public static bool IsTransient(Exception? exception) => exception switch
    {
        null => false,
        UnavailableException => true,
        SqliteException sqlite => SqliteCodes.Contains(sqlite.SqliteErrorCode),
        PostgresException postgres => PostgresClasses.Contains(postgres.SqlState[..2]),

        // The connection broke, or there was none to be had in time.
        NpgsqlException => true,
        _ => IsTransient(exception.InnerException),
    };
}
