using System.Data.Common;
using AuthServer.Accounts;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Storage;
using AuthServer.Storage.Postgres;
using AuthServer.Storage.Sqlite;
using AuthServer.Tests.Architecture;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Sessions;

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(SqliteFile))]
internal sealed class SqliteFileService(SqliteFile file);

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(PostgresNode))]
internal sealed class PostgresNodeService(PostgresNode node);

[CounterExample(nameof(ArchitectureRules.RoomsUseOnlyRoomsTheyMay), nameof(RegistrationService))]
internal sealed class AccountUser(RegistrationService accounts);

[CounterExample(nameof(ArchitectureRules.ServicesKnowNoHttp), nameof(TokenTransport))]
internal sealed class TransportService(TokenTransport transport);

[CounterExample(nameof(ArchitectureRules.ServicesKnowNoHttp), nameof(RequestTokens))]
internal static class RequestTokensService
{
    public static Outcome<PresentedTokens> Read(HttpRequest request) => RequestTokens.Of(request, bodyToken: null);
}

[CounterExample(nameof(ArchitectureRules.ServicesKnowNoHttp), nameof(IHttpContextAccessor))]
internal sealed class HttpContextService(IHttpContextAccessor http);

[CounterExample(nameof(ArchitectureRules.ServicesKnowNoHttp), $"{nameof(PrivateAnswer)}, which uses")]
internal sealed class AnsweringService(PrivateAnswer answer);

internal sealed record PrivateAnswer(IResult Result);

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), nameof(TransactionRunner))]
internal static class TransactionEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/counter-example", async (TransactionRunner runner) =>
    {
        await Task.Yield();
        return runner.GetHashCode();
    });
}

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), nameof(WriteTransaction))]
internal static class TransactionEndpoints
{
    public static async Task RunAsync(Func<Func<WriteTransaction, Task>, Task> run) => await run(async transaction =>
    {
        await Task.Yield();
        GC.KeepAlive(transaction);
    });
}

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), nameof(SqliteFile))]
internal static class SqliteFileEndpoint
{
    public static string PathOf(SqliteFile file) => file.ToString()!;
}

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), nameof(SessionRow))]
internal static class RowEndpoint
{
    public static IAsyncEnumerable<SessionRow> ListAsync(IAsyncEnumerable<SessionRow> sessions) => sessions;
}

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), nameof(EntityFrameworkQueryableExtensions))]
internal static class QueryEndpoint
{
    public static async Task<int> CountAsync(IQueryable<int> numbers, CancellationToken ct) => await numbers.CountAsync(ct);
}

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), nameof(DbCommand))]
internal static class CommandEndpoint
{
    private static object? Execute(object command) => ((DbCommand)command).ExecuteScalar();
}

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), $"{nameof(PrivateQuery)}, which uses")]
internal static class QueryingEndpoint
{
    public static PrivateQuery Create() => new();
}

internal sealed class PrivateQuery
{
    public AuthDbContext? Database { get; init; }
}

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), nameof(IStorageProvider))]
internal static class RouteOfAnotherName
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/counter-example", (IStorageProvider storage) => storage.ToString());
}

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), nameof(SessionStore))]
internal static class StoreEndpoint
{
    public static Task EndAsync(SessionStore sessions, Guid userId, ClientInfo client, CancellationToken ct) =>
        sessions.EndAllAsync(userId, userId, isExcepted: false, client, ct);
}

[CounterExample(nameof(ArchitectureRules.EndpointsKnowNoDatabase), $"{nameof(DeepQuery)}, which uses")]
internal static class DeepEndpoint
{
    public static ShallowQuery Create() => new();
}

internal sealed class ShallowQuery
{
    public DeepQuery Query { get; } = new();
}

internal sealed class DeepQuery
{
    public TransactionRunner? Runner { get; init; }
}

[CounterExample(nameof(ArchitectureRules.ServicesKnowNoHttp), nameof(BearerProblems))]
internal sealed class ProblemService
{
    public static object Refuse(Refusal refusal) => BearerProblems.From(refusal);
}
