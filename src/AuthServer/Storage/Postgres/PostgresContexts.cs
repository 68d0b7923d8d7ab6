using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace AuthServer.Storage.Postgres;

/// <summary>
/// Creates contexts, and loads EF Core no earlier: a start, a refresh and a logout do without it. Safe to share.
/// </summary>
internal sealed class PostgresContexts(IServiceProvider services, NpgsqlDataSource source)
{
    /// <summary>Creates a context over a connection of its own.</summary>
    public AuthDbContext Create() => Create(source.CreateConnection(), ownsConnection: true);

    /// <summary>Creates a context inside a transaction.</summary>
    public AuthDbContext Create(DbConnection connection, DbTransaction transaction)
    {
        var db = Create(connection, ownsConnection: false);
        db.Database.UseTransaction(transaction);
        return db;
    }

    private PostgresAuthDbContext Create(DbConnection connection, bool ownsConnection) => new(
        new DbContextOptionsBuilder<PostgresAuthDbContext>()
            .UseApplicationServiceProvider(services)
            .AddInterceptors(services.GetServices<IInterceptor>())
            .UseNpgsql(connection, ownsConnection)
            .Options);
}
