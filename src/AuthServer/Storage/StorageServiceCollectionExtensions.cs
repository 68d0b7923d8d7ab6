using AuthServer.Hosting;

namespace AuthServer.Storage;

internal static class StorageServiceCollectionExtensions
{
    /// <summary>Adds what all providers share; the composition adds one provider.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddValidatedOptions<StorageOptions>("Storage")
            .Validate(
                o => o.Provider is StorageOptions.Sqlite or StorageOptions.Postgres,
                "Storage:Provider is unknown; set it to sqlite or postgres.");
        services.AddValidatedOptions<EventOptions>("Events")
            .Validate(
                o => o.Retention >= TimeSpan.FromDays(1) && o.Retention <= TimeSpan.FromDays(3660),
                "Events:Retention is out of range; set it from 1.00:00:00 to 3660.00:00:00.");

        services.AddSingleton<SessionEndPublisher>();
        services.AddSingleton<TransactionRunner>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<SessionCommandQueue>();
        services.AddHostedService(provider => provider.GetRequiredService<SessionCommandQueue>());
        services.AddSingleton<Sweeper>().AddHostedService(provider => provider.GetRequiredService<Sweeper>());
        return services;
    }
}
