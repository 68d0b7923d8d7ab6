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

    [Theory]
    [InlineData("INSERT INTO h VALUES ('99990101000000_Future', '99')", "a newer version (migration 99990101000000_Future)")]
    [InlineData("INSERT INTO h VALUES ('20200101000000_Past', '1')", "made by an older version that this one can't read")]
    [InlineData("DELETE FROM h; INSERT INTO h VALUES ('20200101000000_Past', '1')", "of another program, or of a version")]
    [InlineData("DELETE FROM h; INSERT INTO h VALUES ('99990101000000_Other', '1')", "of another program, or of a version")]
    [InlineData("DELETE FROM h WHERE id LIKE '%Initial'", "_Initial, but has later ones; restore it from a backup")]
    [InlineData("DELETE FROM h", "of another program; give AuthServer a database of its own")]
    public async Task Database_of_other_version_prevents_start(string change, string sentence)
    {
        using var data = new DataFolder();
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await server.TerminateAsync();
            await server.ExitAsync();
        }

        data.Execute(change.Replace("FROM h", "FROM __EFMigrationsHistory", StringComparison.Ordinal)
            .Replace("INTO h", "INTO __EFMigrationsHistory", StringComparison.Ordinal)
            .Replace("WHERE id", "WHERE MigrationId", StringComparison.Ordinal));
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal(sentence);
    }

    [Theory]
    [InlineData("CREATE TABLE users (id INTEGER)", "users")]
    [InlineData("CREATE TABLE moz_places (id INTEGER)", "moz_places")]
    public async Task Database_of_other_program_prevents_start_and_stays_as_it_is(string sql, string table)
    {
        using var data = new DataFolder();
        Directory.CreateDirectory(data.Data);
        data.Execute(sql);
        var before = await File.ReadAllBytesAsync(data.Database, TestContext.Current.CancellationToken);
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal($"has a table {table} of another program");
        Assert.Equal(before, await File.ReadAllBytesAsync(data.Database, TestContext.Current.CancellationToken));
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

    [Theory]
    [InlineData(6, true)]
    [InlineData(4, false)]
    public async Task Clock_behind_newest_event_prevents_start(int minutes, bool isRefused)
    {
        using var data = new DataFolder();
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await server.Http.RegisterAsync("ada");
            await server.Http.LogInAsync("ada");
            await server.TerminateAsync();
            await server.ExitAsync();
        }

        data.Execute($"UPDATE events SET at = (unixepoch() + {minutes * 60}) * 1000");
        if (!isRefused)
        {
            await using var other = await ServerProcess.StartAsync(data);
            return;
        }

        (await ServerProcess.RunAsync(data)).ShouldBeRefusal("correct the clock, or run sessions end --all if it is right");

        // Nothing is there that a wrong clock could harm.
        data.Execute("UPDATE sessions SET ended_at = 0, end_reason = 1");
        await using (await ServerProcess.StartAsync(data))
        {
        }

        data.Execute("UPDATE sessions SET ended_at = NULL, end_reason = NULL");

        // The events were written while the clock was wrong, so the newest one is now right.
        Assert.Equal(0, (await CommandRun.RunAsync(data, "", "sessions", "end", "--all")).Code);
        await using var next = await ServerProcess.StartAsync(data);
    }
}
