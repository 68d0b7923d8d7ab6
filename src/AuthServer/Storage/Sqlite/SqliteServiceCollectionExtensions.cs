using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace AuthServer.Storage.Sqlite;

internal static class SqliteServiceCollectionExtensions
{
    public static void AddSqlite(this IServiceCollection services)
    {
        services.AddSingleton<FileSystemType>(FileSystems.TypeOf);
        services.AddSingleton<SqliteFile>();
        services.AddSingleton<SqliteContexts>();
        services.AddSingleton<IStorageProvider, SqliteStorageProvider>();
        services.AddSingleton<DatabasePoller>();
        services.AddHostedService(provider => provider.GetRequiredService<DatabasePoller>());
        services.AddSingleton<INodeCondition>(provider => provider.GetRequiredService<DatabasePoller>());
        services.AddSingleton<IInterceptor, SqliteConnectionInterceptor>();
        services.AddPooledDbContextFactory<SqliteAuthDbContext>((provider, options) => options
            .UseSqlite(provider.GetRequiredService<SqliteFile>().ConnectionString)
            .AddInterceptors(provider.GetServices<IInterceptor>()));
    }
}
