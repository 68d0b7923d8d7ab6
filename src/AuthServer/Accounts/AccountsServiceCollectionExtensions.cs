using AuthServer.Hosting;
using AuthServer.Http;

namespace AuthServer.Accounts;

internal static class AccountsServiceCollectionExtensions
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddValidatedOptions<AccountOptions>("Accounts");
        services.AddJson(AccountsJson.Default);
        services.AddSingleton<RegistrationService>();
        services.AddSingleton<CallerProofService>();
        services.AddSingleton<PasswordService>();
        services.AddSingleton<ReauthenticationService>();
        services.AddSingleton<MailLinks>();
        services.AddSingleton<LinkInspectionService>();
        services.AddSingleton<EmailService>();
        services.AddSingleton<PasswordResetService>();
        return services;
    }
}
