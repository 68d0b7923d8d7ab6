using AuthServer.Storage;
using AuthServer.Storage.Sqlite;
using AuthServer.Tests.Architecture;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace AuthServer;

[CounterExample(nameof(ArchitectureRules.ProvidersAreUsedByTheCompositionAlone), nameof(SqliteFile))]
internal sealed class SqliteStart(SqliteFile file);

[CounterExample(nameof(ArchitectureRules.ProvidersAreUsedByTheCompositionAlone), nameof(NpgsqlException))]
internal static class PostgresStart
{
    public static bool IsFault(Exception exception) => exception is NpgsqlException;
}

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), nameof(TransactionRunner))]
internal static class RouteOfRoot
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/counter-example", (TransactionRunner runner) => runner.ToString());
}
