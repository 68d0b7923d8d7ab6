using Microsoft.Data.Sqlite;

namespace AuthServer.Storage;

/// <summary>The server can't do this just now, and nothing was changed.</summary>
internal sealed class UnavailableException(string message) : Exception(message)
{
    // SQLITE_BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB. Source: sqlite.org/rescode.html.
    private static readonly int[] SqliteCodes = [5, 6, 8, 10, 11, 13, 14, 15, 26];

    /// <summary>Whether an exception, or one it wraps, says that the database is away or too busy.</summary>
    public static bool Explains(Exception? exception) => exception switch
    {
        null => false,
        UnavailableException => true,
        SqliteException sqlite => SqliteCodes.Contains(sqlite.SqliteErrorCode),
        _ => Explains(exception.InnerException),
    };
}
