using AuthServer.Observability;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthServer.Storage.Sqlite;

/// <summary>Gets the database ready before the first request.</summary>
internal sealed class SqliteDatabase(
    SqliteFile file, Func<AuthDbContext> open, IOptions<StorageOptions> options, ILogger<SqliteDatabase> log)
{
    /// <summary>Claims the file and brings its tables up to date.</summary>
    /// <exception cref="StartupException">The database can't be used as it is.</exception>
    public async Task PrepareAsync(CancellationToken ct)
    {
        file.Claim();
        try
        {
            await using var db = open();
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", ct);
            await MigrateAsync(db, ct);
        }
        catch (SqliteException exception)
        {
            throw new StartupException($"The database file {file.Path} can't be used (SQLite error {exception.SqliteErrorCode}); {CureOf(exception)}.");
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

    private async Task MigrateAsync(AuthDbContext db, CancellationToken ct)
    {
        var known = db.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        var applied = (await db.Database.GetAppliedMigrationsAsync(ct)).ToList();
        if (applied.Find(migration => !known.Contains(migration)) is { } foreign)
        {
            throw new StartupException($"The database {file.Path} was made by a newer version (migration {foreign}); run that version or a later one.");
        }

        if (applied.Count == known.Count)
        {
            return;
        }

        if (!options.Value.MigrateAtStart)
        {
            throw new StartupException(
                $"The database {file.Path} is not up to date and Storage:MigrateAtStart is false; start once with Storage:MigrateAtStart=true.");
        }

        // The file is claimed, so a lock that EF finds in its own table is one that a killed migration left behind.
        await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", ct);
        await db.Database.MigrateAsync(ct);
        log.Migrated(known.Count - applied.Count, file.Path);
    }
}
