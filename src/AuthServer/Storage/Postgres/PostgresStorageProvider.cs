using System.Data.Common;
using System.Diagnostics;
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
    Func<AuthDbContext> open,
    Func<NpgsqlConnection, AuthDbContext> attach,
    IOptions<StorageOptions> options,
    ILogger<PostgresStorageProvider> log) : IStorageProvider
{
    // Of the lock that one node has while it migrates. A number of no meaning that nobody else is likely to use.
    private const long MigrationLock = 0x61757468_73727631;

    // With a database that starts at the same time as its nodes, fails over just then or is busy.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StartRest = TimeSpan.FromMilliseconds(200);

    private readonly SchemaVersion schema = new(typeof(PostgresAuthDbContext));

    // The batches of the writer and what logins and the like do beside them; more would only wait for each other in the database.
    public int Writers => 16;

    public TimeSpan LongestWait => TimeSpan.FromSeconds(1);

    public TimeSpan LongestAnswer => TimeSpan.FromSeconds(1.8);

    public string? Trouble => node.Trouble;

    public bool Exists => true;

    public string Name { get; } = NameOf(new NpgsqlConnectionStringBuilder(source.ConnectionString));

    public async Task PrepareAsync(StorageUse use, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await TryPrepareAsync(use, isLast: Stopwatch.GetElapsedTime(began) > StartPatience, ct))
        {
            await Task.Delay(StartRest, ct);
        }
    }

    public async Task VerifyKeysAsync(IReadOnlyList<KeyFingerprint> keys, CancellationToken ct)
    {
        await using var db = open();
        foreach (var key in keys)
        {
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO key_checks (kind, number, value) VALUES ({key.Kind}, {(int)key.Number}, {key.Value.ToArray()}) ON CONFLICT DO NOTHING", ct);
            var known = await db.Set<KeyFingerprintRow>().AsNoTracking().SingleAsync(row => row.Kind == key.Kind && row.Number == key.Number, ct);
            if (!key.Value.Span.SequenceEqual(known.Value))
            {
                throw new StartupException(
                    $"The {key.Kind} key {key.Number} is not the one that the other nodes of {Name} have; copy their keys, or give a new key a new number.");
            }
        }
    }

    public async Task<DbConnection> OpenAsync(CancellationToken ct) => await source.OpenConnectionAsync(ct);

    public Task<IWriteConnection> OpenToWriteAsync(CancellationToken ct) =>
        Task.FromResult<IWriteConnection>(new PostgresWriteConnection(source, attach));

    public async Task<IReadOnlyList<SessionEnd>> EndedSinceAsync(DateTimeOffset moment, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("SELECT id, end_reason, ended_at FROM sessions WHERE ended_at > $1", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = moment.ToUnixTimeMilliseconds() } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ends = new List<SessionEnd>();
        while (await reader.ReadAsync(ct))
        {
            ends.Add(new SessionEnd(reader.GetGuid(0), (EndReason)reader.GetInt32(1), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2))));
        }

        return ends;
    }

    private async Task<bool> TryPrepareAsync(StorageUse use, bool isLast, CancellationToken ct)
    {
        try
        {
            await MigrateAsync(use == StorageUse.Migrate || options.Value.MigrateAtStart, ct);
            return true;
        }
        catch (NpgsqlException exception) when (exception is not PostgresException { IsTransient: false } && !isLast)
        {
            return false;
        }
        catch (NpgsqlException exception)
        {
            throw new StartupException(
                $"The database {Name} can't be used ({(exception as PostgresException)?.MessageText ?? "it does not answer"}); start it, or set ConnectionStrings:AuthServer.");
        }
    }

    // One node at a time, over a connection of its own: where the node dies its lock dies with the connection.
    private async Task MigrateAsync(bool mayMigrate, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = MigrationLock } },
            CommandTimeout = 0,
        };
        await command.ExecuteNonQueryAsync(ct);
        try
        {
            var pending = schema.CountPending(await ReadAppliedAsync(connection, ct), Name, mayMigrate);
            if (pending > 0)
            {
                await using var db = open();
                db.Database.SetCommandTimeout(0);
                await db.Database.MigrateAsync(ct);
                log.Migrated(pending, Name);
            }
        }
        finally
        {
            command.CommandText = "SELECT pg_advisory_unlock($1)";
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private static string NameOf(NpgsqlConnectionStringBuilder settings) => $"{settings.Database ?? settings.Username} on {settings.Host}";

    private static async Task<List<string>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var applied = new List<string>();
        await using var command = new NpgsqlCommand("SELECT to_regclass('\"__EFMigrationsHistory\"') IS NOT NULL", connection);
        if (await command.ExecuteScalarAsync(ct) is true)
        {
            command.CommandText = "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"";
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                applied.Add(reader.GetString(0));
            }
        }

        return applied;
    }
}
