using AuthServer.Http;

namespace AuthServer.Health;

internal static class HealthServiceCollectionExtensions
{
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddJson(HealthJson.Default);
        services.AddSingleton<ReadinessCheck>();
        return services;
    }
}
