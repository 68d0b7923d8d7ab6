using AuthServer.Storage.Postgres;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Tests;

public sealed class PostgresChecksTests
{
    [Fact]
    public void Checked_tables_are_those_of_model()
    {
        using var db = new PostgresAuthDbContext(new DbContextOptionsBuilder<PostgresAuthDbContext>().UseNpgsql().Options);
        Assert.Equal(
            db.Model.GetEntityTypes().Select(type => type.GetTableName()!).Order(StringComparer.Ordinal),
            PostgresChecks.Tables.Order(StringComparer.Ordinal));
    }
}
