using AuthServer.Hosting;
using AuthServer.Observability;

namespace AuthServer.Storage;

internal static class StorageServiceCollectionExtensions
{
    /// <summary>Adds what all providers share; the composition adds one provider.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddValidatedOptions<StorageOptions>("Storage");
        services.AddValidatedOptions<EventOptions>("Events");
        services.AddSingleton(new SettingNames("ConnectionStrings", ["AuthServer"]) { IsShared = true });

        services.AddSingleton(StorageTimeouts.OfRequests);
        services.AddSingleton<SessionEndPublisher>();
        services.AddSingleton<IReloadable>(provider => provider.GetRequiredService<SessionEndPublisher>());
        services.AddSingleton<SessionEpochs>();
        services.AddSingleton<MailSignal>();
        services.AddSingleton<KeyStore>();
        services.AddSingleton<ResourceServerStore>();
        services.AddSingleton<SessionReader>();
        services.AddSingleton<TransactionRunner>();
        services.AddSingleton<WriteProbe>();
        services.AddSingleton<SessionEnder>();
        services.AddSingleton<CredentialChanger>();
        services.AddSingleton<SessionLister>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<ExternalIdentityStore>();
        services.AddSingleton<EmailStore>();
        services.AddSingleton<ProfileStore>();
        services.AddSingleton<DeletionStore>();
        services.AddSingleton<ExportStore>();
        services.AddSingleton<PasskeyStore>();
        services.AddSingleton<MailStore>();
        services.AddSingleton<MailCodeStore>();
        services.AddSingleton<SecondFactorStore>();
        services.AddSingleton<FactorSealing>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<Overview>();

        // Before the queue, whose last commands it counts: services stop in the opposite order.
        services.AddSingleton<EventCounter>();
        services.AddSingleton<IEventCounter>(provider => provider.GetRequiredService<EventCounter>());
        services.AddHostedService(provider => provider.GetRequiredService<EventCounter>());
        services.AddSingleton<SessionCommandQueue>();
        services.AddHostedService(provider => provider.GetRequiredService<SessionCommandQueue>());
        services.AddSingleton<FailureCounter>().AddHostedService(provider => provider.GetRequiredService<FailureCounter>());
        services.AddSingleton<Sweeper>().AddHostedService(provider => provider.GetRequiredService<Sweeper>());
        return services;
    }
}
