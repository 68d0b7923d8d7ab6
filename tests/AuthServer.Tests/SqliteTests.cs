using AuthServer.Storage;
using AuthServer.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

/// <summary>Files and connections of SQLite.</summary>
public sealed class SqliteTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_for_writing_has_pragmas_of_durability_and_layout()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        var pragmas = new List<object>();
        await app.Get<TransactionRunner>().RunAsync(
            async (transaction, _) =>
            {
                await using var command = transaction.Db.Database.GetDbConnection().CreateCommand();
                command.CommandText =
                    "PRAGMA synchronous; PRAGMA journal_mode; PRAGMA foreign_keys; PRAGMA page_size; PRAGMA wal_autocheckpoint";
                await using var reader = await command.ExecuteReaderAsync(Ct);
                do
                {
                    await reader.ReadAsync(Ct);
                    pragmas.Add(reader.GetValue(0));
                }
                while (await reader.NextResultAsync(Ct));
                return true;
            },
            Ct);

        // 2 is FULL. Source: sqlite.org/pragma.html#pragma_synchronous.
        Assert.Equal([2L, "wal", 1L, 1024L, 64_000L], pragmas);
    }

    [Fact]
    public async Task Transaction_takes_write_lock_as_it_begins()
    {
        await using var app = new AuthServerApp();
        await app.LogInAsync("ada");
        await app.Get<TransactionRunner>().RunAsync(
            async (transaction, _) =>
            {
                var path = Path.Combine(app.DataDirectory, "authserver.db");
                await using var other = new SqliteConnection($"Data Source={path};Default Timeout=1");
                await other.OpenAsync(Ct);
                var busy = Assert.Throws<SqliteException>(() => other.BeginTransaction());
                Assert.Equal(5, busy.SqliteErrorCode);
                return true;
            },
            Ct);
    }

    [Fact]
    public async Task File_is_complete_without_log_after_server_stops()
    {
        using var folder = new TempFolder();
        var app = new AuthServerApp(("Data:Directory", folder.Path));
        await app.LogInAsync("ada");
        Assert.True(File.Exists(Path.Combine(folder.Path, "authserver.db-wal")));
        await app.DisposeAsync();
        var files = Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName);
        Assert.Equal(["authserver.db", "authserver.db.lock"], files.Order());
    }
}
