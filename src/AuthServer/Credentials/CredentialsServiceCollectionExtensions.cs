using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Credentials;

internal static class CredentialsServiceCollectionExtensions
{
    public static IServiceCollection AddCredentials(this IServiceCollection services)
    {
        services.AddValidatedOptions<PasswordOptions>("Passwords");
        services.AddSingleton(p => new PasswordPolicy(p.GetRequiredService<IOptions<PasswordOptions>>().Value.MinimumLength));
        services.AddSingleton<PasswordHashQueue>();
        services.AddSingleton<PasswordStrength>();
        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<PasswordVerifier>();
        return services;
    }
}
