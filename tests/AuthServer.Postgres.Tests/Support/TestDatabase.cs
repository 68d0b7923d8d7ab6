using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using AuthServer.Storage;
using AuthServer.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AuthServer.Tests.Support;

/// <summary>What these tests have to know of the kind of database they run on: here one on PostgreSQL for each data folder.</summary>
internal static class TestDatabase
{
    /// <summary>Lets any update of sessions go through again.</summary>
    public const string AllowUpdates = "DROP TRIGGER refusal ON sessions";

    /// <summary>The database can't be asked.</summary>
    public static DbException Away => new NpgsqlException("secret of the database");

    /// <summary>The database can't be written.</summary>
    public static DbException Full => Fault(PostgresErrorCodes.DiskFull);

    /// <summary>A fault of no kind that says anything.</summary>
    public static DbException Vague => Fault(PostgresErrorCodes.SyntaxError);

    /// <summary>Every kind of trouble.</summary>
    public static IEnumerable<DbException> Troubles =>
    [
        Away, Full, Fault(PostgresErrorCodes.AdminShutdown), Fault(PostgresErrorCodes.CannotConnectNow), Fault(PostgresErrorCodes.TooManyConnections),
        Fault(PostgresErrorCodes.ReadOnlySqlTransaction), Fault(PostgresErrorCodes.InvalidPassword), Fault(PostgresErrorCodes.IoError),
    ];

    /// <summary>What the server has to be told to use the database of a data folder.</summary>
    public static IEnumerable<(string Key, string Value)> SettingsOf(string dataDirectory)
    {
        // The tests make their servers in constructors, which can't wait otherwise.
        var connectionString = Task.Run(async () =>
            await (await PostgresServer.GetAsync()).ConnectionStringOfAsync(NameOf(dataDirectory))).GetAwaiter().GetResult();
        return [("Storage:Provider", "postgres"), ("ConnectionStrings:AuthServer", connectionString)];
    }

    /// <summary>The database of a data folder.</summary>
    public static string NameOf(string dataDirectory) =>
        "t" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataDirectory)))[..24];

    public static IStorageProvider Create(IServiceProvider provider) => ActivatorUtilities.CreateInstance<PostgresStorageProvider>(provider);

    /// <summary>Has an update of sessions fail, of one or of any, for no reason of the database's state.</summary>
    public static string RefuseUpdates(Guid? session = null) =>
        $"""
        CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
        CREATE TRIGGER refusal BEFORE UPDATE ON sessions FOR EACH ROW {(session is { } id ? $"WHEN (NEW.id = '{id}')" : "")} EXECUTE FUNCTION refuse()
        """;

    /// <summary>Everything that the database holds, as one text.</summary>
    public static async Task<string> ContentAsync(string dataDirectory)
    {
        var content = new StringBuilder();
        await using var connection = new NpgsqlConnection(await (await PostgresServer.GetAsync()).ConnectionStringOfAsync(NameOf(dataDirectory)));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT row_to_json(t)::text FROM users t UNION ALL SELECT row_to_json(t)::text FROM sessions t
            UNION ALL SELECT row_to_json(t)::text FROM events t UNION ALL SELECT row_to_json(t)::text FROM key_checks t
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            content.AppendLine(reader.GetString(0));
        }

        return content.ToString();
    }

    /// <summary>Nothing is claimed.</summary>
    public static Task ReleaseAsync(string dataDirectory) => Task.CompletedTask;

    /// <summary>Removes the database of a data folder that is about to go.</summary>
    public static async Task RemoveAsync(string dataDirectory) => await (await PostgresServer.GetAsync()).DropAsync(NameOf(dataDirectory));

    private static PostgresException Fault(string code) => new("secret of the database", "ERROR", "ERROR", code);
}
