using System.Data.Common;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthServer.Storage.Sqlite;

/// <summary>A database in a file, for one server.</summary>
internal sealed class SqliteStorageProvider(
    SqliteFile file,
    SqliteContexts contexts,
    FileSystemType typeOfFileSystem,
    IOptions<StorageOptions> options,
    ILogger<SqliteStorageProvider> log) : IStorageProvider, IAsyncDisposable
{
    // SQLITE_BUSY, LOCKED, READONLY, FULL, CANTOPEN, PROTOCOL, NOTADB. Source: sqlite.org/rescode.html.
    private static readonly int[] UnavailableCodes = [5, 6, 8, 13, 14, 15, 26];

    // SQLITE_ERROR, a table that was removed or altered; IOERR and CORRUPT, perhaps of one page.
    private static readonly int[] DamagedCodes = [1, 10, 11];

    private readonly SchemaVersion schema = new(typeof(SqliteAuthDbContext));
    private SqliteSessionSql? idle;

    // Transactions wait in the runner and not in SQLite's busy loop, which blocks a thread.
    public int WriteConcurrency => 1;

    // A file answers: nothing is lost on the way to it.
    public StorageTimeouts Timeouts { get; } = new(TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public string? LockTimeout => null;

    public string? NotReadyReason => null;

    public string Name => file.Path;

    public bool Exists => File.Exists(file.Path);

    public async Task PrepareAsync(StorageUse use, CancellationToken ct)
    {
        // A command works beside a running server; if there is none, it does what the server would have done.
        var isAlone = use != StorageUse.Command || file.IsFree;
        if (isAlone)
        {
            CheckFileSystem();
            file.Claim();
        }

        var mayMigrate = isAlone && (use == StorageUse.Migrate || options.Value.MigrateAtStart);
        try
        {
            await MigrateAsync(await ReadAppliedAsync(ct), mayMigrate, ct);
            if (isAlone)
            {
                await FlushLogAsync(ct);
                file.Watch();
            }
        }
        catch (SqliteException exception)
        {
            throw new StartupException(
                $"The database file {file.Path} can't be used (SQLite error {exception.SqliteErrorCode}); {CureOf(exception)}.");
        }
    }

    public async Task<DbConnection> OpenAsync(CancellationToken ct) => await OpenFileAsync(ct);

    public AuthDbContext CreateContext() => contexts.Create();

    public AuthDbContext CreateContext(DbConnection connection, DbTransaction transaction) =>
        contexts.Create(connection, transaction);

    public async ValueTask<ISessionSql> OpenForWritingAsync(CancellationToken ct)
    {
        if (Interlocked.Exchange(ref idle, null) is { } sql)
        {
            return sql;
        }

#pragma warning disable CA2000 // The statements dispose of it.
        var connection = await OpenFileAsync(ct);
#pragma warning restore CA2000
        try
        {
            return new SqliteSessionSql(connection, file);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public ValueTask ReleaseAsync(ISessionSql sql, bool isReusable) =>
        isReusable && Interlocked.CompareExchange(ref idle, (SqliteSessionSql)sql, null) is null
            ? ValueTask.CompletedTask
            : sql.DisposeAsync();

    public ValueTask DisposeAsync() => Interlocked.Exchange(ref idle, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    public StorageFault FaultOf(Exception exception) => exception switch
    {
        SqliteException sqlite when UnavailableCodes.Contains(sqlite.SqliteErrorCode) => StorageFault.Unavailable,
        SqliteException sqlite when DamagedCodes.Contains(sqlite.SqliteErrorCode) => StorageFault.Damaged,
        { InnerException: { } inner } and not UnavailableException => FaultOf(inner),
        _ => StorageFault.None,
    };

    // SQLITE_IOERR: the pages may have reached the disk before the flush failed.
    public bool IsCommitOutcomeUnknown(Exception exception) => exception is SqliteException { SqliteErrorCode: 10 };

    // Passive: it neither waits for a reader or a writer, nor makes one wait.
    public Task CheckpointAsync(CancellationToken ct) => RunAsync("PRAGMA wal_checkpoint(PASSIVE)", ct);

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

    private void CheckFileSystem()
    {
        var type = typeOfFileSystem(file.Path);
        if (FileSystems.IsOverNetwork(type))
        {
            throw new StartupException(
                $"The database file {file.Path} would be on a network file system ({type}), which SQLite can't use; "
                + "set Data:Directory to a local disk, or use PostgreSQL.");
        }

        if (FileSystems.IsDoubtful(type))
        {
            log.FileSystemDoubtful(file.Path, type);
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
        var tables = await ReadAsync($"SELECT name FROM sqlite_master WHERE type = 'table'");
        var applied = tables.Contains("__EFMigrationsHistory")
            ? await ReadAsync($"SELECT MigrationId FROM __EFMigrationsHistory")
            : [];
        if (applied.Count == 0)
        {
            // EF Core's own tables may be left behind by a migration that was killed.
            SchemaVersion.ThrowIfForeign(tables.Find(table => !table.StartsWith("__EF", StringComparison.Ordinal)), file.Path);
        }

        SqliteConnectionInterceptor.ApplyToFile(connection);
        return applied;

        async Task<List<string>> ReadAsync(FormattableString query)
        {
            await using var command = connection.NewCommand(query);
            return await command.ReadRowsAsync(row => row.GetString(0), ct);
        }
    }

    // The log of a server that was killed may have a commit whose flush had failed. It is in the system's memory, and would be
    // lost at a power cut after it was relied upon.
    private Task FlushLogAsync(CancellationToken ct) => RunAsync("PRAGMA wal_checkpoint(TRUNCATE)", ct);

    private async Task RunAsync(string sql, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task MigrateAsync(List<string> applied, bool mayMigrate, CancellationToken ct)
    {
        var pending = schema.CountPending(applied, file.Path, mayMigrate);
        if (pending == 0)
        {
            return;
        }

        if (applied.Count == 0)
        {
            await RunAsync($"BEGIN IMMEDIATE; {schema.Script} COMMIT", ct);
        }
        else
        {
            // The file is claimed, so a lock in EF Core's own table was left behind by a migration that was killed.
            await using var db = contexts.Create();
            await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", ct);
            await db.Database.MigrateAsync(ct);
        }

        log.Migrated(pending, file.Path);
    }
}
