using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AuthServer.Storage.Sqlite;

/// <summary>
/// Makes every connection durable: what is committed has reached the disk, whatever the library was built with. The log is written
/// back to the file after 64,000 pages, about 64 MB, instead of 1,000: the same pages are in it many times, and go back once.
/// </summary>
internal sealed class SqliteConnectionSetup : DbConnectionInterceptor
{
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
