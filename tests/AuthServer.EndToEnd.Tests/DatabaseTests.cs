using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AuthServer.EndToEnd.Tests;

public sealed class DatabaseTests
{
    [Fact]
    public async Task File_other_than_database_prevents_start()
    {
        const string Text = "This is not a database.";
        using var data = new DataFolder();
        Directory.CreateDirectory(data.Data);
        await File.WriteAllTextAsync(data.Database, Text, TestContext.Current.CancellationToken);
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal(data.Database);
        Assert.Equal(Text, await File.ReadAllTextAsync(data.Database, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task File_in_place_of_data_folder_prevents_start()
    {
        using var data = new DataFolder();
        await File.WriteAllTextAsync(data.Data, "", TestContext.Current.CancellationToken);
        var sentence = (await ServerProcess.RunAsync(data)).ShouldBeRefusal(data.Database);
        Assert.Contains("Data:Directory", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_database_prevents_start_without_migration()
    {
        using var data = new DataFolder();
        var sentence = (await ServerProcess.RunAsync(data, "Storage:MigrateAtStart=false")).ShouldBeRefusal(data.Database);
        Assert.Contains("Storage:MigrateAtStart=true", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Current_database_needs_no_migration()
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
    public async Task Database_of_newer_version_prevents_start()
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
    public async Task Migration_lock_of_killed_server_does_not_block_start()
    {
        using var data = new DataFolder();
        Directory.CreateDirectory(data.Data);

        // EF Core creates these tables before the first migration, and leaves them behind if its process is killed then.
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
