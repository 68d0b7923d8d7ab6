using AuthServer.Storage.Postgres;
using AuthServer.Storage.Sqlite;

namespace AuthServer.Storage;

internal static class StorageServiceCollectionExtensions
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<DataOptions>("Data")
            .Validate(o => !string.IsNullOrWhiteSpace(o.Directory), "Data:Directory is empty; name a folder, or leave it out.");
        services.AddValidatedOptions<StorageOptions>("Storage")
            .Validate(
                o => o.Provider is StorageOptions.Sqlite or StorageOptions.Postgres,
                "Storage:Provider is unknown; set it to sqlite or postgres.");
        services.AddValidatedOptions<EventOptions>("Events")
            .Validate(
                o => o.Retention >= TimeSpan.FromDays(1) && o.Retention <= TimeSpan.FromDays(3660),
                "Events:Retention is out of range; set it from 1.00:00:00 to 3660.00:00:00.");

        if (configuration["Storage:Provider"] == StorageOptions.Postgres)
        {
            services.AddPostgres();
        }
        else
        {
            services.AddSqlite();
        }

        services.AddSingleton<SessionEndPublisher>();
        services.AddSingleton<TransactionRunner>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<SessionCommandQueue>().AddHostedService(provider => provider.GetRequiredService<SessionCommandQueue>());
        services.AddSingleton<Sweeper>().AddHostedService(provider => provider.GetRequiredService<Sweeper>());
        services.AddSingleton<ReadinessCheck>();
        return services;
    }
}
