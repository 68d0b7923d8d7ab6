namespace AuthServer.Accounts;

internal static class AccountsSetup
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddValidatedOptions<AccountOptions>("Accounts");
        services.AddSingleton<RegistrationService>();
        services.AddSingleton<PasswordService>();
        return services;
    }
}
