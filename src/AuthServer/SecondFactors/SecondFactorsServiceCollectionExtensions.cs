using AuthServer.Http;

namespace AuthServer.SecondFactors;

internal static class SecondFactorsServiceCollectionExtensions
{
    public static IServiceCollection AddSecondFactors(this IServiceCollection services)
    {
        services.AddJson(SecondFactorsJson.Default);
        services.AddSingleton<SecondFactorService>();
        services.AddSingleton<SecondFactorLoginService>();
        return services;
    }
}
