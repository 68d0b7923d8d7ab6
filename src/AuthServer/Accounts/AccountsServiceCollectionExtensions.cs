using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Http;
using Microsoft.Extensions.Options;

namespace AuthServer.Accounts;

internal static class AccountsServiceCollectionExtensions
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddValidatedOptions<AccountOptions>("Accounts").Validate(
            o => Array.TrueForAll(o.RequireSecondFactor, RoleName.IsValid),
            "Accounts:RequireSecondFactor has an entry that is no role; write them like admin. " + RoleName.Rule);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<AccountOptions>>().Value.ToPolicy());
        services.AddJson(AccountsJson.Default);
        services.AddSingleton<RegistrationService>();
        services.AddSingleton<CallerProofService>();
        services.AddSingleton<MailCodeService>();
        services.AddSingleton<PasswordService>();
        services.AddSingleton<PasswordEstimateService>();
        services.AddSingleton<ReauthenticationService>();
        services.AddSingleton<MailLinks>();
        services.AddSingleton<LinkInspectionService>();
        services.AddSingleton<EmailService>();
        services.AddSingleton<PasswordResetService>();
        services.AddSingleton<MailLoginService>();
        services.AddSingleton<ProfileService>();
        services.AddSingleton<ExportService>();
        services.AddSingleton<DeletionService>();
        return services;
    }
}
