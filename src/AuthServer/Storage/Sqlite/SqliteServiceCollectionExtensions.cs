using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AuthServer.Storage.Sqlite;

internal static class SqliteServiceCollectionExtensions
{
    public static void AddSqlite(this IServiceCollection services)
    {
        services.AddSingleton<SqliteFile>();
        services.AddSingleton<IStorageProvider, SqliteStorageProvider>();
        services.AddHostedService<SessionEndPoller>();
        services.AddSingleton<IInterceptor, SqliteConnectionInterceptor>();
        services.AddPooledDbContextFactory<SqliteAuthDbContext>((provider, options) => options
            .UseSqlite(provider.GetRequiredService<SqliteFile>().ConnectionString)
            .AddInterceptors(provider.GetServices<IInterceptor>()));

        // Neither asks for EF Core before it is called: a start, a refresh and a logout do without, and it takes its time to get ready.
        services.AddSingleton<Func<AuthDbContext>>(provider =>
            () => provider.GetRequiredService<IDbContextFactory<SqliteAuthDbContext>>().CreateDbContext());
        services.AddSingleton<Func<SqliteConnection, AuthDbContext>>(provider => connection => new SqliteAuthDbContext(
            new DbContextOptionsBuilder<SqliteAuthDbContext>(provider.GetRequiredService<DbContextOptions<SqliteAuthDbContext>>())
                .UseSqlite(connection).Options));
    }
}
