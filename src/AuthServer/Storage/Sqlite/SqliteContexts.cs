using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Storage.Sqlite;

/// <summary>
/// Creates contexts, and loads EF Core no earlier. A start, a refresh and a logout do without it, and loading it takes
/// longer than the rest of a start. Safe to share.
/// </summary>
internal sealed class SqliteContexts(IServiceProvider services)
{
    /// <summary>Creates a context over a connection of its own.</summary>
    public AuthDbContext Create() => services.GetRequiredService<IDbContextFactory<SqliteAuthDbContext>>().CreateDbContext();

    /// <summary>Creates a context inside a transaction.</summary>
    public AuthDbContext Create(DbConnection connection, DbTransaction transaction)
    {
        var options = services.GetRequiredService<DbContextOptions<SqliteAuthDbContext>>();
        var db = new SqliteAuthDbContext(new DbContextOptionsBuilder<SqliteAuthDbContext>(options).UseSqlite(connection).Options);
        db.Database.UseTransaction(transaction);
        return db;
    }
}
