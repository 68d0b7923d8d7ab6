using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Http;
using Microsoft.Extensions.Options;

namespace AuthServer.Accounts;

internal static class AccountsServiceCollectionExtensions
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddValidatedOptions<AccountOptions>("Accounts");
        services.AddSingleton(provider => new LoginPolicy
        {
            RequiresVerifiedEmail = provider.GetRequiredService<IOptions<AccountOptions>>().Value.RequireVerifiedEmail,
        });
        services.AddJson(AccountsJson.Default);
        services.AddSingleton<RegistrationService>();
        services.AddSingleton<CallerProofService>();
        services.AddSingleton<PasswordService>();
        services.AddSingleton<ReauthenticationService>();
        services.AddSingleton<MailLinks>();
        services.AddSingleton<LinkInspectionService>();
        services.AddSingleton<EmailService>();
        services.AddSingleton<PasswordResetService>();
        services.AddSingleton<MailLoginService>();
        return services;
    }
}
