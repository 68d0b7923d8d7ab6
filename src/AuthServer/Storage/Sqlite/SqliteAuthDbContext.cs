using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace AuthServer.Storage.Sqlite;

/// <summary>The model on SQLite.</summary>
internal sealed class SqliteAuthDbContext(DbContextOptions<SqliteAuthDbContext> options) : AuthDbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<Guid>().HaveConversion<GuidBlob>();

        // Parameters of statements by hand belong to no property.
        configurationBuilder.DefaultTypeMapping<Guid>().HasConversion<GuidBlob>();
    }

    /// <summary>Ids as 16 bytes in the order of their text: half of what text takes, and in the order they were made.</summary>
    private sealed class GuidBlob() : ValueConverter<Guid, byte[]>(id => id.ToByteArray(true), bytes => new Guid(bytes, true));

    /// <summary>Creates the context for <c>dotnet ef migrations add</c>.</summary>
    private sealed class DesignTime : IDesignTimeDbContextFactory<SqliteAuthDbContext>
    {
        public SqliteAuthDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteAuthDbContext>().UseSqlite().Options);
    }
}
