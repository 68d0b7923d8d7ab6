using System.Data.Common;
using System.Reflection;
using AuthServer.Observability;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Options;

namespace AuthServer.Storage.Sqlite;

/// <summary>The database file, by hand.</summary>
internal sealed class SqliteDatabase(
    SqliteFile file,
    Func<AuthDbContext> open,
    Func<SqliteConnection, AuthDbContext> attach,
    IOptions<StorageOptions> options,
    ILogger<SqliteDatabase> log) : IDatabase
{
    // Read from the types: EF Core would have to be ready for the list.
    private static readonly HashSet<string> Known = [.. typeof(SqliteDatabase).Assembly.GetTypes()
        .Where(type => type.GetCustomAttribute<DbContextAttribute>()?.ContextType == typeof(SqliteAuthDbContext))
        .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>()];

    public async Task PrepareAsync(CancellationToken ct)
    {
        file.Claim();
        try
        {
            await MigrateAsync(await ReadAppliedAsync(ct), ct);
        }
        catch (SqliteException exception)
        {
            throw new StartupException($"The database file {file.Path} can't be used (SQLite error {exception.SqliteErrorCode}); {CureOf(exception)}.");
        }
    }

    public async Task<DbConnection> OpenAsync(CancellationToken ct) => await OpenFileAsync(ct);

    public async Task<IWriteConnection> OpenToWriteAsync(CancellationToken ct)
    {
#pragma warning disable CA2000 // What is returned disposes of it.
        var connection = await OpenFileAsync(ct);
#pragma warning restore CA2000
        try
        {
            return new SqliteWriteConnection(connection, attach);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public ISessionTable Sessions(DbConnection connection) => new SqliteSessionTable((SqliteConnection)connection);

    private async Task<SqliteConnection> OpenFileAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(file.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            SqliteConnectionSetup.Apply(connection);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // Source: sqlite.org/rescode.html.
    private static string CureOf(SqliteException exception) => exception.SqliteErrorCode switch
    {
        5 or 6 => "close the other program that has it open",
        13 => "free space on its disk",
        8 or 14 => "give this account the right to write to it and to its folder",
        _ => "restore it from a backup, or set Data:Directory",
    };

    private async Task<List<string>> ReadAppliedAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        await command.ExecuteNonQueryAsync(ct);
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = '__EFMigrationsHistory'";
        if (await command.ExecuteScalarAsync(ct) is 0L)
        {
            return [];
        }

        command.CommandText = "SELECT MigrationId FROM __EFMigrationsHistory";
        await using var reader = await command.ExecuteReaderAsync(ct);
        var applied = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            applied.Add(reader.GetString(0));
        }

        return applied;
    }

    private async Task MigrateAsync(List<string> applied, CancellationToken ct)
    {
        if (applied.Find(migration => !Known.Contains(migration)) is { } foreign)
        {
            throw new StartupException($"The database {file.Path} was made by a newer version (migration {foreign}); run that version or a later one.");
        }

        if (applied.Count == Known.Count)
        {
            return;
        }

        if (!options.Value.MigrateAtStart)
        {
            throw new StartupException(
                $"The database {file.Path} is not up to date and Storage:MigrateAtStart is false; start once with Storage:MigrateAtStart=true.");
        }

        // The file is claimed, so a lock that EF finds in its own table is one that a killed migration left behind.
        await using var db = open();
        await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", ct);
        await db.Database.MigrateAsync(ct);
        log.Migrated(Known.Count - applied.Count, file.Path);
    }
}
