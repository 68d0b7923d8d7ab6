using System.Data.Common;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthServer.Storage.Sqlite;

/// <summary>The database file, by hand.</summary>
internal sealed class SqliteStorageProvider(
    SqliteFile file,
    Func<AuthDbContext> open,
    Func<SqliteConnection, AuthDbContext> attach,
    IOptions<StorageOptions> options,
    ILogger<SqliteStorageProvider> log) : IStorageProvider
{
    private readonly SchemaVersion schema = new(typeof(SqliteAuthDbContext));

    // Whoever waits, waits here and not in SQLite's busy loop.
    public int Writers => 1;

    public TimeSpan LongestWait => TimeSpan.FromSeconds(10);

    public TimeSpan LongestAnswer => Timeout.InfiniteTimeSpan;

    public string? Trouble => null;

    public string Name => file.Path;

    public bool Exists => File.Exists(file.Path);

    public async Task PrepareAsync(StorageUse use, CancellationToken ct)
    {
        // A visitor comes whether or not a server is there; where none is, nobody else does what a server would have done.
        var isAlone = use != StorageUse.Command || file.IsFree;
        if (isAlone)
        {
            file.Claim();
        }

        var mayMigrate = isAlone && (use == StorageUse.Migrate || options.Value.MigrateAtStart);
        try
        {
            await MigrateAsync(await ReadAppliedAsync(ct), mayMigrate, ct);
        }
        catch (SqliteException exception)
        {
            throw new StartupException($"The database file {file.Path} can't be used (SQLite error {exception.SqliteErrorCode}); {CureOf(exception)}.");
        }
    }

    // There are no others.
    public Task VerifyKeysAsync(IReadOnlyList<KeyFingerprint> keys, CancellationToken ct) => Task.CompletedTask;

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

    public async Task<IReadOnlyList<SessionEnd>> EndedSinceAsync(DateTimeOffset moment, CancellationToken ct)
    {
        await using var connection = await OpenFileAsync(ct);
        return SqliteSessionSql.EndedSince(connection, moment);
    }

    private async Task<SqliteConnection> OpenFileAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(file.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            SqliteConnectionInterceptor.Apply(connection);
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
        SqliteConnectionInterceptor.ApplyToFile(connection);
        await using var command = connection.CreateCommand();
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

    private async Task MigrateAsync(List<string> applied, bool mayMigrate, CancellationToken ct)
    {
        var pending = schema.CountPending(applied, file.Path, mayMigrate);
        if (pending == 0)
        {
            return;
        }

        // The file is claimed, so a lock that EF finds in its own table is one that a killed migration left behind.
        await using var db = open();
        await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", ct);
        await db.Database.MigrateAsync(ct);
        log.Migrated(pending, file.Path);
    }
}
