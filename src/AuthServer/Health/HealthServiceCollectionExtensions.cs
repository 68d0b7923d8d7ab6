using AuthServer.Hosting;
using AuthServer.Http;
using AuthServer.Storage;
using Microsoft.Extensions.Options;

namespace AuthServer.Health;

internal static class HealthServiceCollectionExtensions
{
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddJson(HealthJson.Default);
        services.AddSingleton<ReadinessCheck>();
        services.AddValidatedOptions<ShutdownOptions>("Shutdown");
        services.AddOptions<HostOptions>().Configure<IOptions<ShutdownOptions>>(
            (host, shutdown) => host.ShutdownTimeout += shutdown.Value.Drain);
        services.AddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.AddSingleton<INodeCondition>(provider => provider.GetRequiredService<Drain>());
        return services;
    }
}
