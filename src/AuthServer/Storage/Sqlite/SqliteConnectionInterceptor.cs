using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AuthServer.Storage.Sqlite;

/// <summary>How files are laid out, and how connections write to them.</summary>
internal sealed class SqliteConnectionInterceptor : DbConnectionInterceptor
{
    /// <summary>
    /// Gives a file its log, and one that is new pages of 1 KiB: a rotation changes one row, and writes the page around it to the log and
    /// later to the file, among a million sessions nearly each time another page. A file that is there already keeps its pages.
    /// </summary>
    public static void ApplyToFile(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA page_size = 1024; PRAGMA journal_mode = WAL";
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// Makes a connection durable: what is committed has reached the disk, whatever the library was built with. The log is written back
    /// to the file after 64,000 pages, 64 MB of a file of ours, instead of 1,000: the same pages are in it many times, and go back once.
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
