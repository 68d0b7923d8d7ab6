using AuthServer.Storage.Postgres;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Tests.Support;

/// <summary>
/// The PostgreSQL server of this run of tests. Its commits would not survive a power cut. It starts with the first test that uses
/// it, and ends with the process.
/// </summary>
internal sealed class PostgresServer
{
    /// <summary>Name of a database with all tables and no rows, of which the databases of tests are copies.</summary>
    private const string Template = "template_authserver";

    private static readonly Lazy<Task<PostgresServer>> Shared = new(StartAsync);

    private readonly PostgresProcess process;

    private PostgresServer(PostgresProcess process) => this.process = process;

    /// <summary>The server of this run.</summary>
    public static Task<PostgresServer> GetAsync() => Shared.Value;

    /// <summary>Returns the connection string of a database, which is created with all tables if it is missing.</summary>
    public async Task<string> ConnectionStringOfAsync(string database)
    {
        if (await process.ReadAsync($"SELECT 1 FROM pg_database WHERE datname = '{database}'") is null)
        {
            await process.ExecuteAsync($"CREATE DATABASE {database} TEMPLATE {Template}");
        }

        return SettingsOf(database).ConnectionString;
    }

    /// <summary>Removes a database and closes its connections.</summary>
    public Task DropAsync(string database) =>
        process.ExecuteAsync($"DROP DATABASE IF EXISTS {database} WITH (FORCE)");

    private static async Task<PostgresServer> StartAsync()
    {
        Assert.SkipUnless(PostgresProcess.IsInstalled, "PostgreSQL is not installed (Debian package postgresql).");
        var process = await PostgresProcess.StartAsync(
            "fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=500");
        var server = new PostgresServer(process);
        await process.ExecuteAsync($"CREATE DATABASE {Template}");

        // Without a pool, because a database with open connections can't be copied.
        var settings = server.SettingsOf(Template);
        settings.Pooling = false;
        await using var db = new PostgresAuthDbContext(
            new DbContextOptionsBuilder<PostgresAuthDbContext>().UseNpgsql(settings.ConnectionString).Options);
        await db.Database.MigrateAsync();
        return server;
    }

    private NpgsqlConnectionStringBuilder SettingsOf(string database) =>
        new(process.Settings.ConnectionString) { Database = database };
}
