using AuthServer.Storage.Sqlite;
using AuthServer.Tests.Architecture;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthServer.Storage;

[CounterExample(nameof(ArchitectureRules.ProvidersAreUsedByTheCompositionAlone), nameof(SqliteConnection))]
internal sealed class SqliteConnectionHolder
{
    public SqliteConnection? Connection { get; init; }
}

[CounterExample(nameof(ArchitectureRules.ProvidersAreUsedByTheCompositionAlone), nameof(PostgresException))]
internal static class PostgresExceptionReader
{
    public static bool IsConflict(Exception exception) => exception is PostgresException { SqlState: "40001" };
}

[CounterExample(nameof(ArchitectureRules.ProvidersAreUsedByTheCompositionAlone), nameof(NpgsqlException))]
internal static class NpgsqlExceptionCatcher
{
    public static bool Succeeds(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}

// The namespace of the extension method is EF Core's; its assembly is that of the SQLite package.
[CounterExample(nameof(ArchitectureRules.ProvidersAreUsedByTheCompositionAlone), nameof(SqliteDbContextOptionsBuilderExtensions))]
internal static class SqliteChooser
{
    public static void Choose(DbContextOptionsBuilder options) => options.UseSqlite();
}

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(SqliteFile))]
[CounterExample(nameof(ArchitectureRules.RoomsFormNoCircle), nameof(SqliteFile))]
internal sealed class SqliteFileHolder(SqliteFile file);

[CounterExample(nameof(ArchitectureRules.ServicesKnowNoHttp), nameof(IHttpContextAccessor))]
internal sealed class HttpStore(IHttpContextAccessor http);
