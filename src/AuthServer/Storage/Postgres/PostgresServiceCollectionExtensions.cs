using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace AuthServer.Storage.Postgres;

internal static class PostgresServiceCollectionExtensions
{
    public static void AddPostgres(this IServiceCollection services)
    {
        services.AddSingleton(provider => PostgresSource.Create(
            provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IDatabaseImport, PostgresImport>();
        services.AddSingleton<PostgresNode>();
        services.AddSingleton<MachineClock>();
        services.AddSingleton<IStorageProvider, PostgresStorageProvider>();
        services.AddSingleton<NotificationListener>().AddHostedService(provider => provider.GetRequiredService<NotificationListener>());
        services.AddSingleton<Func<AuthDbContext>>(provider =>
            () => CreateContext(provider, provider.GetRequiredService<NpgsqlDataSource>().CreateConnection(), ownsConnection: true));
        services.AddSingleton<Func<NpgsqlConnection, AuthDbContext>>(provider =>
            connection => CreateContext(provider, connection, ownsConnection: false));
    }

    private static PostgresAuthDbContext CreateContext(IServiceProvider provider, NpgsqlConnection connection, bool ownsConnection) =>
        new(new DbContextOptionsBuilder<PostgresAuthDbContext>()
            .UseApplicationServiceProvider(provider)
            .AddInterceptors(provider.GetServices<IInterceptor>())
            .UseNpgsql(connection, ownsConnection)
            .Options);
}
