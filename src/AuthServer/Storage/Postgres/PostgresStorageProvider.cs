using System.Data.Common;
using System.Diagnostics;
using System.Net.Sockets;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Observability;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>A database on PostgreSQL, which several nodes may share.</summary>
internal sealed class PostgresStorageProvider(
    NpgsqlDataSource source,
    PostgresNode node,
    PostgresContexts contexts,
    IOptions<StorageOptions> options,
    StorageTimeouts timeouts,
    ILogger<PostgresStorageProvider> log) : IStorageProvider
{
    // A unique violation is a name or a minute that another node has taken since this transaction looked for it.
    // An idle transaction is of a process that was too slow between two statements, as a command can be that has just started.
    private static readonly string[] ConflictCodes =
    [
        PostgresErrorCodes.SerializationFailure, PostgresErrorCodes.DeadlockDetected, PostgresErrorCodes.LockNotAvailable,
        PostgresErrorCodes.UniqueViolation, IdleInTransaction,
    ];

    // Npgsql has no name for it.
    private const string IdleInTransaction = "25P03";

    // Connection, authorization, a database that is none, read-only (a standby), rollback, resources, intervention (shutdown and
    // the like), files. Source: postgresql.org/docs/current/errcodes-appendix.html.
    private static readonly string[] UnavailableClasses = ["08", "28", "3D", "25", "40", "53", "55", "57", "F0"];

    // Limits, the system's errors, damage; a schema or table that was removed, altered or closed to this role.
    private static readonly string[] DamagedClasses = ["3F", "54", "58", "XX"];

    private static readonly string[] DamagedCodes =
    [
        PostgresErrorCodes.UndefinedTable, PostgresErrorCodes.UndefinedColumn, PostgresErrorCodes.InsufficientPrivilege,
    ];

    // The classes above in which the server may have committed: connection, intervention, the system's errors, files and damage.
    // So does 40003, statement_completion_unknown.
    private static readonly string[] UnknownOutcomeClasses = ["08", "57", "58", "F0", "XX"];

    // The advisory lock of the node that migrates: a random number, so that no other program uses it.
    private const long MigrationLock = 0x61757468_73727631;

    // For a database that starts at the same time as its nodes, fails over just then, or is busy.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NotableWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StartRetryInterval = TimeSpan.FromMilliseconds(200);

    private readonly SchemaVersion schema = new(typeof(PostgresAuthDbContext));

    // The batches of the queue and the logins beside them; more would only wait for each other in the database.
    public int WriteConcurrency => 16;

    public StorageTimeouts Timeouts => timeouts;

    // In milliseconds. Then the transaction gives its slot back, and is run again after a pause.
    public string LockTimeout => "SET LOCAL lock_timeout = 100";

    public string? NotReadyReason => node.IsListening ? null : "It is not notified of sessions that other nodes end.";

    public bool Exists => true;

    public string Name { get; } = NameOf(new NpgsqlConnectionStringBuilder(source.ConnectionString));

    private PostgresChecks Checks => new(Name, new NpgsqlConnectionStringBuilder(source.ConnectionString).Username);

    public async Task PrepareAsync(StorageUse use, CancellationToken ct)
    {
        var (began, hasWarned) = (Stopwatch.GetTimestamp(), false);
        while (await TryPrepareAsync(use, ct) is { } fault)
        {
            var waited = Stopwatch.GetElapsedTime(began);
            if (waited > StartTimeout)
            {
                throw new StartupException(fault);
            }

            if (waited > NotableWait && !hasWarned)
            {
                log.WaitsForDatabase(fault, StartTimeout);
                hasWarned = true;
            }

            await Task.Delay(StartRetryInterval, ct);
        }
    }

    public async Task<DbConnection> OpenAsync(CancellationToken ct) => await source.OpenConnectionAsync(ct);

    public AuthDbContext CreateContext() => contexts.Create();

    public AuthDbContext CreateContext(DbConnection connection, DbTransaction transaction) =>
        contexts.Create(connection, transaction);

    public async ValueTask<ISessionSql> OpenForWritingAsync(CancellationToken ct) =>
        new PostgresSessionSql(await source.OpenConnectionAsync(ct));

    // The driver has a pool, and keeps no connection that is broken.
    public ValueTask ReleaseAsync(ISessionSql sql, bool isReusable) => sql.DisposeAsync();

    // The database has a process for it.
    public Task CheckpointAsync(CancellationToken ct) => Task.CompletedTask;

    public async Task<IReadOnlyList<SessionEnd>> EndedSinceAsync(DateTimeOffset moment, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        return await PostgresSessionSql.EndedSinceAsync(connection, moment, ct);
    }

    public StorageFault FaultOf(Exception exception) => exception switch
    {
        PostgresException postgres when ConflictCodes.Contains(postgres.SqlState) => StorageFault.Conflict,
        PostgresException postgres when UnavailableClasses.Contains(postgres.SqlState[..2]) => StorageFault.Unavailable,
        PostgresException postgres when DamagedClasses.Contains(postgres.SqlState[..2])
            || DamagedCodes.Contains(postgres.SqlState) => StorageFault.Damaged,
        PostgresException or OperationCanceledException or UnavailableException => StorageFault.None,

        // The connection broke, or there was none to be had in time.
        NpgsqlException => StorageFault.Unavailable,
        { InnerException: { } inner } => FaultOf(inner),
        _ => StorageFault.None,
    };

    // The server says which statements it rolled back; an answer that never arrived says nothing.
    public bool IsCommitOutcomeUnknown(Exception exception) => exception is not PostgresException postgres
        || postgres.SqlState == PostgresErrorCodes.StatementCompletionUnknown
        || UnknownOutcomeClasses.Contains(postgres.SqlState[..2]);

    // Returns a sentence if the database can't be used yet.
    private async Task<string?> TryPrepareAsync(StorageUse use, CancellationToken ct)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(ct);
            if (Checks.CheckConnection(connection) is { } fault)
            {
                // What a pooled connection knows of its server is as old as its last statement.
                source.Clear();
                return fault;
            }

            await MigrateAsync(connection, use == StorageUse.Migrate || options.Value.MigrateAtStart, ct);
            return null;
        }
        catch (NpgsqlException exception) when (PostgresChecks.MayPass(exception, source is NpgsqlMultiHostDataSource))
        {
            return Checks.DescribePassing(exception);
        }
        catch (SocketException exception)
        {
            return Checks.DescribePassing(exception);
        }
        catch (NpgsqlException exception)
        {
            throw new StartupException(Checks.Describe(exception));
        }
    }

    // One node at a time, over a connection of its own: if the node dies, its lock ends with the connection.
    private async Task MigrateAsync(NpgsqlConnection connection, bool mayMigrate, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = MigrationLock } },
            CommandTimeout = 0,
        };
        await command.ExecuteNonQueryAsync(ct);
        try
        {
            var applied = await ReadAppliedAsync(connection, ct);
            var pending = schema.CountPending(applied, Name, mayMigrate);
            if (pending > 0)
            {
                await Checks.CheckMigrationAsync(connection, ct);
                await (applied.Count == 0 ? CreateTablesAsync(connection, ct) : MigrateTablesAsync(ct));
                log.Migrated(pending, Name);
            }

            await Checks.CheckTablesAsync(connection, ct);
        }
        finally
        {
            command.CommandText = "SELECT pg_advisory_unlock($1)";
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    // All statements of one command are one transaction.
    private async Task CreateTablesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
#pragma warning disable CA2100 // A resource of the program.
        await using var creation = new NpgsqlCommand(schema.Script, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await creation.ExecuteNonQueryAsync(ct);
    }

    private async Task MigrateTablesAsync(CancellationToken ct)
    {
        await using var db = contexts.Create();
        db.Database.SetCommandTimeout(0);
        await db.Database.MigrateAsync(ct);
    }

    private static string NameOf(NpgsqlConnectionStringBuilder settings) =>
        $"{settings.Database ?? settings.Username} on {settings.Host}";

    private async Task<List<string>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        List<string> applied = [];
        await using var command = new NpgsqlCommand("SELECT to_regclass('\"__EFMigrationsHistory\"') IS NOT NULL", connection);
        if (await command.ExecuteScalarAsync(ct) is true)
        {
            command.CommandText = "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"";
            applied = await command.ReadRowsAsync(row => row.GetString(0), ct);
        }

        if (applied.Count == 0)
        {
            await using var foreign = new NpgsqlCommand(
                "SELECT t FROM unnest($1) t WHERE to_regclass(quote_ident(current_schema()) || '.' || t) IS NOT NULL LIMIT 1",
                connection)
            {
                Parameters = { new NpgsqlParameter<string[]> { TypedValue = PostgresChecks.Tables } },
            };
            SchemaVersion.ThrowIfForeign((string?)await foreign.ExecuteScalarAsync(ct), Name);
        }

        return applied;
    }
}
