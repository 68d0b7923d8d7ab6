using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Credentials;

internal static class CredentialsServiceCollectionExtensions
{
    public static IServiceCollection AddCredentials(this IServiceCollection services)
    {
        services.AddValidatedOptions<PasswordOptions>("Passwords")
            .Validate(
                o => o.MinimumLength is >= 1 and <= PasswordPolicy.MaxLength,
                "Passwords:MinimumLength is out of range; set it from 1 to 256.")
            .Validate(o => o.WorkFactor is >= 4 and <= 16, "Passwords:WorkFactor is out of range; set it from 4 to 16.");
        services.AddSingleton(p => new PasswordPolicy(p.GetRequiredService<IOptions<PasswordOptions>>().Value.MinimumLength));
        services.AddSingleton<PasswordHashQueue>();
        services.AddSingleton<PasswordStrength>();
        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<PasswordVerifier>();
        return services;
    }
}
