using System.Net;
using AuthServer.Storage;
using AuthServer.Storage.Sqlite;
using AuthServer.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

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
    public async Task Server_that_can_not_read_ends_is_not_ready_until_it_can()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        await app.BecomesReadyAsync();
        probe.EndsFault = TestDatabase.Away;
        await app.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);
        probe.EndsFault = null;
        await app.BecomesReadyAsync();
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

    [Theory]
    [InlineData("folder removed")]
    [InlineData("folder moved")]
    [InlineData("file removed")]
    [InlineData("file replaced by copy")]
    [InlineData("log removed")]
    [InlineData("log replaced")]
    public async Task File_that_is_lost_is_noticed_before_write_is_answered(string loss)
    {
        using var folder = new TempFolder();
        var (data, moved) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "moved"));
        var file = Path.Combine(data, "authserver.db");
        await using var app = new AuthServerApp(("Data:Directory", data));
        var ada = await app.LogInAsync("ada");
        switch (loss)
        {
            case "folder removed":
                Directory.Delete(data, recursive: true);
                break;
            case "folder moved":
                Directory.Move(data, moved);
                break;
            case "file removed":
                File.Delete(file);
                break;
            case "file replaced by copy":
                File.Copy(file, moved);
                File.Move(moved, file, overwrite: true);
                break;
            case "log removed":
                File.Delete(file + "-wal");
                break;
            case "log replaced":
                File.Delete(file + "-wal");
                await using (var other = new SqliteConnection($"Data Source={file};Pooling=false"))
                {
                    await other.OpenAsync(Ct);
                    await using var command = other.CreateCommand();
                    command.CommandText = "PRAGMA schema_version";
                    await Record.ExceptionAsync(() => command.ExecuteScalarAsync(Ct));
                }

                break;
        }

        for (var attempt = 0; attempt < 3; attempt++)
        {
            var refresh = await (await ada.PresentAsync(ada.Pair.RefreshToken)).ShouldBeProblemAsync(503, "unavailable");
            Assert.False(refresh.TryGetProperty("outcome", out _));
            await (await ada.LogoutAsync()).ShouldBeProblemAsync(503, "unavailable");
            var register = await ada.Http.PostAsync("/register", new { username = "bob", password = AuthServerApp.Password });
            await register.ShouldBeProblemAsync(503, "unavailable");
        }

        await (await ada.GetAsync("/health/ready")).ShouldBeProblemAsync(503, "unavailable");
        (await ada.GetAsync("/health/traffic")).ShouldBe(HttpStatusCode.OK);
        (await ada.GetAsync("/me")).ShouldBe(HttpStatusCode.OK);
        if (loss == "folder moved")
        {
            Directory.Move(moved, data);
            await ada.RefreshAsync();
        }
    }

    [Theory]
    [InlineData("nfs4")]
    [InlineData("cifs")]
    [InlineData("fuse.sshfs")]
    public void Network_file_system_prevents_start_before_anything_is_made(string type)
    {
        using var folder = new TempFolder();
        var data = Path.Combine(folder.Path, "data");
        var refusal = FailedStart.Of(() => new AuthServerApp(
            services => services.AddSingleton<FileSystemType>(_ => type),
            ("Data:Directory", data),
            ("Keys:Directory", folder.Path)));
        Assert.Contains($"on a network file system ({type})", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task File_that_is_removed_is_not_replaced_by_empty_one()
    {
        using var folder = new TempFolder();
        await using var app = new AuthServerApp(("Data:Directory", folder.Path));
        await app.LogInAsync("ada");
        var file = Path.Combine(folder.Path, "authserver.db");
        File.Delete(file);
        await using var fresh = new SqliteConnection(app.Get<SqliteFile>().ConnectionString + ";Pooling=false");
        await Assert.ThrowsAsync<SqliteException>(() => fresh.OpenAsync(Ct));
        Assert.False(File.Exists(file));
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
