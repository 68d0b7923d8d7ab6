using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AuthServer.EndToEnd.Tests;

public sealed class DatabaseTests
{
    [Fact]
    public async Task File_that_is_no_database_stops_the_start()
    {
        using var data = new DataFolder();
        Directory.CreateDirectory(data.Data);
        await File.WriteAllTextAsync(data.Database, "This is no database.", TestContext.Current.CancellationToken);
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal(data.Database);
        Assert.Equal("This is no database.", await File.ReadAllTextAsync(data.Database, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Folder_that_is_a_file_stops_the_start()
    {
        using var data = new DataFolder();
        await File.WriteAllTextAsync(data.Data, "", TestContext.Current.CancellationToken);
        var sentence = (await ServerProcess.RunAsync(data)).ShouldBeRefusal(data.Database);
        Assert.Contains("Data:Directory", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_folder_stops_a_start_that_must_not_migrate()
    {
        using var data = new DataFolder();
        var sentence = (await ServerProcess.RunAsync(data, "Storage:MigrateAtStart=false")).ShouldBeRefusal(data.Database);
        Assert.Contains("Storage:MigrateAtStart=true", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_that_is_up_to_date_needs_no_migration()
    {
        using var data = new DataFolder();
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await server.TerminateAsync();
            await server.ExitAsync();
        }

        await using var next = await ServerProcess.StartAsync(data, "Storage:MigrateAtStart=false");
        await next.Http.RegisterAsync("ada");
    }

    [Fact]
    public async Task Database_of_a_newer_version_stops_the_start()
    {
        using var data = new DataFolder();
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await server.TerminateAsync();
            await server.ExitAsync();
        }

        using (var database = data.OpenDatabase(SqliteOpenMode.ReadWrite))
        {
            using var command = new SqliteCommand(
                "INSERT INTO \"__EFMigrationsHistory\" VALUES ('99990101000000_FromTheFuture', '99.0.0')", database);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        (await ServerProcess.RunAsync(data)).ShouldBeRefusal("99990101000000_FromTheFuture");
    }

    [Fact]
    public async Task Lock_of_a_migration_that_was_killed_does_not_hold_the_start_up()
    {
        using var data = new DataFolder();
        Directory.CreateDirectory(data.Data);

        // As EF makes them before the first migration, and leaves them if it dies there.
        const string Abandoned = """
            CREATE TABLE "__EFMigrationsHistory" (
                "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY, "ProductVersion" TEXT NOT NULL);
            CREATE TABLE "__EFMigrationsLock" (
                "Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL);
            INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01 00:00:00+00:00');
            """;
        using (var database = data.OpenDatabase(SqliteOpenMode.ReadWriteCreate))
        {
            using var command = new SqliteCommand(Abandoned, database);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
    }
}
