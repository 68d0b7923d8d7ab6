using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AuthServer.Storage.Sqlite;

/// <summary>Sets the layout of files and the durability of connections.</summary>
internal sealed class SqliteConnectionInterceptor : DbConnectionInterceptor
{
    /// <summary>
    /// Gives a file its log, and a new file pages of 1 KiB. A rotation changes one row and writes the page around it, first to
    /// the log and later to the file. Among a million sessions that is nearly always another page. An existing file keeps its
    /// page size.
    /// </summary>
    public static void ApplyToFile(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA page_size = 1024; PRAGMA journal_mode = WAL";
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// Makes a connection durable: a commit has reached the disk, whatever the library was built with. The log is written back to
    /// the file after 64,000 pages, 64 MB, instead of 1,000. Many of them are versions of one page, which is written back once.
    /// </summary>
    public static void Apply(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 64000";
        command.ExecuteNonQuery();
    }

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

    public override Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Apply(connection);
        return Task.CompletedTask;
    }
}
