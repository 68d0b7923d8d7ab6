namespace AuthServer.Storage.Postgres;

internal static class PostgresServiceCollectionExtensions
{
    public static void AddPostgres(this IServiceCollection services)
    {
        services.AddSingleton(provider => PostgresSource.Create(
            provider.GetRequiredService<IConfiguration>(),
            provider.GetRequiredService<StorageTimeouts>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IDatabaseImport, PostgresImport>();
        services.AddSingleton<PostgresContexts>();
        services.AddSingleton<PostgresNode>();
        services.AddSingleton<INodeCondition>(provider => provider.GetRequiredService<PostgresNode>());
        services.AddSingleton<MachineClock>();
        services.AddSingleton<IStorageProvider, PostgresStorageProvider>();
        services.AddSingleton<NotificationListener>();
        services.AddHostedService(provider => provider.GetRequiredService<NotificationListener>());
    }
}
