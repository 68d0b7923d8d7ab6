using AuthServer.Hosting;
using AuthServer.Http;
using Microsoft.Extensions.Options;

namespace AuthServer.Passkeys;

internal static class PasskeysServiceCollectionExtensions
{
    public static IServiceCollection AddPasskeys(this IServiceCollection services)
    {
        services.AddValidatedOptions<PasskeyOptions>("Passkeys");
        services.AddSingleton<IValidateOptions<PasskeyOptions>, PasskeyOptionsValidation>();
        services.AddJson(PasskeysJson.Default);
        services.AddSingleton<IPasskeyCeremonies, FrameworkCeremonies>();
        services.AddSingleton<PasskeyStates>();
        services.AddSingleton<PasskeyProofService>();
        services.AddSingleton<PasskeyService>();
        services.AddSingleton<PasskeyLoginService>();
        return services;
    }
}
