using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace AuthServer.Storage.Postgres;

/// <summary>The model on PostgreSQL.</summary>
internal sealed class PostgresAuthDbContext(DbContextOptions<PostgresAuthDbContext> options) : AuthDbContext(options)
{
    /// <summary>Creates the context for <c>dotnet ef migrations add</c>.</summary>
    private sealed class DesignTime : IDesignTimeDbContextFactory<PostgresAuthDbContext>
    {
        public PostgresAuthDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresAuthDbContext>().UseNpgsql().Options);
    }
}
