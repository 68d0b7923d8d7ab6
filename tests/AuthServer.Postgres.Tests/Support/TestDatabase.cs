using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using AuthServer.Storage;
using AuthServer.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AuthServer.Tests.Support;

/// <summary>The database that these tests run on: one on PostgreSQL for each data folder.</summary>
internal static class TestDatabase
{
    /// <summary>Statement that allows all updates of sessions again.</summary>
    public const string AllowUpdates = "DROP TRIGGER refusal ON sessions";

    /// <summary>A fault that means that the database is away.</summary>
    public static DbException Away => new NpgsqlException("secret of the database");

    /// <summary>A fault that means that the database is full.</summary>
    public static DbException Full => Fault(PostgresErrorCodes.DiskFull);

    /// <summary>A fault that means that a part of the database is damaged.</summary>
    public static DbException Damaged => Fault(PostgresErrorCodes.DataCorrupted);

    /// <summary>A fault that means nothing in particular.</summary>
    public static DbException Vague => Fault(PostgresErrorCodes.SyntaxError);

    /// <summary>All faults that make the database unavailable.</summary>
    public static IEnumerable<DbException> Faults =>
    [
        Away,
        Full,
        Fault(PostgresErrorCodes.AdminShutdown),
        Fault(PostgresErrorCodes.CannotConnectNow),
        Fault(PostgresErrorCodes.TooManyConnections),
        Fault(PostgresErrorCodes.ReadOnlySqlTransaction),
        Fault(PostgresErrorCodes.InvalidPassword),
        Fault(PostgresErrorCodes.IoError),
        Damaged,
        Fault(PostgresErrorCodes.UndefinedTable),
        Fault(PostgresErrorCodes.UndefinedColumn),
        Fault(PostgresErrorCodes.InsufficientPrivilege),
    ];

    /// <summary>Settings of a server that uses the database of a data folder.</summary>
    public static IEnumerable<(string Key, string Value)> SettingsOf(string dataDirectory)
    {
        // Tests create their servers in constructors, which can't await.
        var connectionString = Task.Run(async () =>
            await (await PostgresServer.GetAsync()).ConnectionStringOfAsync(NameOf(dataDirectory))).GetAwaiter().GetResult();
        return [("Storage:Provider", "postgres"), ("ConnectionStrings:AuthServer", connectionString)];
    }

    /// <summary>Returns the name of the database of a data folder.</summary>
    public static string NameOf(string dataDirectory) =>
        "t" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataDirectory)))[..24];

    public static IStorageProvider Create(IServiceProvider provider) =>
        ActivatorUtilities.CreateInstance<PostgresStorageProvider>(provider);

    /// <summary>Statements that make updates of one session, or of all, fail by a fault that is <see cref="Vague"/>.</summary>
    public static string RefuseUpdates(Guid? session = null) =>
        $"""
        CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
        CREATE TRIGGER refusal BEFORE UPDATE ON sessions
            FOR EACH ROW {(session is { } id ? $"WHEN (NEW.id = '{id}')" : "")} EXECUTE FUNCTION refuse()
        """;

    /// <summary>The content of the database as one text.</summary>
    public static async Task<string> ContentAsync(string dataDirectory)
    {
        var content = new StringBuilder();
        var server = await PostgresServer.GetAsync();
        await using var connection = new NpgsqlConnection(await server.ConnectionStringOfAsync(NameOf(dataDirectory)));
        await connection.OpenAsync();
#pragma warning disable CA2100 // Names of our tables.
        await using var command = new NpgsqlCommand(
            string.Join(" UNION ALL ", PostgresChecks.Tables.Select(table => $"SELECT row_to_json(t)::text FROM {table} t")),
            connection);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            content.AppendLine(reader.GetString(0));
        }

        return content.ToString();
    }

    /// <summary>Does nothing, because a server claims no database.</summary>
    public static Task ReleaseAsync(string dataDirectory) => Task.CompletedTask;

    /// <summary>Removes the database of a data folder that is about to be deleted.</summary>
    public static async Task RemoveAsync(string dataDirectory) =>
        await (await PostgresServer.GetAsync()).DropAsync(NameOf(dataDirectory));

    private static PostgresException Fault(string code) => new("secret of the database", "ERROR", "ERROR", code);
}
