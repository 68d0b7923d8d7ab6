using Microsoft.Extensions.Options;

namespace AuthServer;

internal static class OptionsSetup
{
    /// <summary>Options of a configuration section that are read and checked at start; a member that is unknown is an error.</summary>
    public static OptionsBuilder<T> AddValidatedOptions<T>(this IServiceCollection services, string section)
        where T : class =>
        services.AddOptions<T>().BindConfiguration(section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
}
