using System.Net;
using System.Net.Http.Json;
using AuthServer.EndToEnd.Tests.Support;
using Microsoft.Data.Sqlite;

namespace AuthServer.EndToEnd.Tests;

/// <summary>A database that is damaged or kept busy under a running server.</summary>
public sealed class DamageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("DROP TABLE sessions")]
    [InlineData("ALTER TABLE sessions RENAME COLUMN ended_at TO gone_at")]
    public async Task Damage_makes_server_not_ready_until_it_is_repaired_and_ends_no_process(string damage)
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        var pair = await server.Http.LogInAsync("ada");
        data.Execute(damage);
        await server.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);
        await ShouldRefuseWritesAloneAsync(server, pair);
        if (damage.StartsWith("ALTER", StringComparison.Ordinal))
        {
            data.Execute("ALTER TABLE sessions RENAME COLUMN gone_at TO ended_at");
            await server.BecomesReadyAsync(HttpStatusCode.OK);
            await server.Http.RefreshAsync(pair.RefreshToken);
        }

        await server.TerminateAsync();
        Assert.Equal(0, (await server.ExitAsync()).Code);
    }

    [Fact]
    public async Task Truncated_file_makes_server_not_ready_and_ends_no_process()
    {
        using var data = new DataFolder();
        await using (var first = await ServerProcess.StartAsync(data))
        {
            await first.Http.RegisterAsync("ada");
            await first.TerminateAsync();
            await first.ExitAsync();
        }

        // The stop has written the log back, so the pages are in the file alone.
        await using var server = await ServerProcess.StartAsync(data);
        await using (var file = new FileStream(data.Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(0);
        }

        await server.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);
        var register = await server.Http.PostAsJsonAsync(
            "/register", new { username = "bob", password = HttpAssertions.Password }, Ct);
        await register.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable");
        (await server.Http.GetAsync("/health/live", Ct)).EnsureSuccessStatusCode();
        await server.TerminateAsync();
        Assert.Equal(0, (await server.ExitAsync()).Code);
    }

    [Theory]
    [InlineData("IX_events_user_id_id")]
    [InlineData("sessions")]
    public async Task Damaged_page_that_every_login_needs_makes_server_not_ready(string damaged)
    {
        using var data = new DataFolder();
        await DamageAsync(data, damaged);
        await using var next = await ServerProcess.StartAsync(new ServerCommand(data), HttpStatusCode.ServiceUnavailable);
        (await next.Http.GetAsync("/health/traffic", Ct)).EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData("events")]
    [InlineData("users")]
    public async Task Damaged_table_prevents_start(string table)
    {
        using var data = new DataFolder();
        await DamageAsync(data, table);
        (await ServerProcess.RunAsync(data)).ShouldBeRefusal("The database reports an error");
    }

    [Fact]
    public async Task Write_lock_of_another_program_makes_server_not_ready()
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        var pair = await server.Http.LogInAsync("ada");
        await using (var other = data.OpenDatabase(SqliteOpenMode.ReadWrite))
        {
            await using var transaction = await other.BeginTransactionAsync(Ct);
            await server.BecomesReadyAsync(HttpStatusCode.ServiceUnavailable);
        }

        await server.BecomesReadyAsync(HttpStatusCode.OK);
        await server.Http.RefreshAsync(pair.RefreshToken);
    }

    private static async Task ShouldRefuseWritesAloneAsync(ServerProcess server, Pair pair)
    {
        var refresh = await server.Http.PresentAsync(pair.RefreshToken);
        await refresh.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable");
        await (await server.Http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        foreach (var path in new[] { "/health/live", "/health/traffic" })
        {
            (await server.Http.GetAsync(path, Ct)).EnsureSuccessStatusCode();
        }
    }

    // Overwrites the root page of a table or an index, while no server runs.
    private static async Task DamageAsync(DataFolder data, string table)
    {
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await server.Http.RegisterAsync("ada");
            await server.Http.LogInAsync("ada");
            await server.TerminateAsync();
            await server.ExitAsync();
        }

        const int PageSize = 1024;
        long page;
        await using (var database = data.OpenDatabase(SqliteOpenMode.ReadOnly))
        {
            await using var command = new SqliteCommand("SELECT rootpage FROM sqlite_master WHERE name = $name", database);
            command.Parameters.AddWithValue("$name", table);
            page = (long)(await command.ExecuteScalarAsync(Ct))!;
        }

        await using var file = File.Open(data.Database, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = (page - 1) * PageSize;
        await file.WriteAsync(Enumerable.Repeat((byte)0xA5, PageSize).ToArray(), Ct);
    }
}
