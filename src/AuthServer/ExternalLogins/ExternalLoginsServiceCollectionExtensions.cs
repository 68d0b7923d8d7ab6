using AuthServer.Hosting;
using AuthServer.Http;
using AuthServer.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OpenIddict.Client;
using OpenIddict.Client.AspNetCore;
using Polly;
using static OpenIddict.Client.OpenIddictClientEvents;

namespace AuthServer.ExternalLogins;

internal static class ExternalLoginsServiceCollectionExtensions
{
    private const string Section = "ExternalLogins";

    /// <summary>Adds logins by other providers. The library for them is loaded only if a provider is configured.</summary>
    public static void AddExternalLogins(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var options = services.AddValidatedOptions<ExternalLoginOptions>(Section);
        services.AddJson(ExternalLoginsJson.Default);
        services.AddSingleton<ExternalProviders>();
        services.AddSingleton(provider => new UsableProviders(
            provider.GetRequiredService<ExternalProviders>().All.ToDictionary(one => one.Id, one => one.Name)));
        services.AddSingleton<ExternalLoginService>();
        services.AddSingleton<LinkedIdentityService>();
        if (builder.Configuration.GetSection($"{Section}:Providers").GetChildren().Any())
        {
            options.Services.AddSingleton<IValidateOptions<ExternalLoginOptions>, ProviderValidation>();
            services.AddProviders();
        }
    }

    private static void AddProviders(this IServiceCollection services)
    {
        services.AddSingleton<ProviderExchange>();
        services.AddHostedService<ProviderStart>();
        services.AddSingleton<IConfigureOptions<OpenIddictClientOptions>, ProviderRegistrations>();
        services.AddOpenIddict().AddClient(client =>
        {
            client.UseAspNetCore(host => host
                .EnableRedirectionEndpointPassthrough()
                .EnableErrorPassthrough()
                .DisableAutomaticAuthenticationSchemeForwarding()
                .DisableTransportSecurityRequirement()
                .Configure(options => options.CookieBuilder = StateCookies.Builder));
            client.UseSystemNetHttp(http => http
                .SetProductInformation("AuthServer", null)

                // No second attempt: the user waits, and the exchange has a time limit.
                .SetHttpResiliencePipeline(ResiliencePipeline<HttpResponseMessage>.Empty));
            client.UseWebProviders();

            // The library would write a page of its own.
            client.AddEventHandler<ProcessErrorContext>(handler => handler.SetOrder(int.MinValue).UseInlineHandler(context =>
            {
                context.HandleRequest();
                return default;
            }));
        });

        // The library adds data protection, which makes keys at start, and itself as a scheme, which every request would pass.
        var unused = services.Where(service =>
            IsOfDataProtection(service.ServiceType) || IsOfDataProtection(service.ImplementationType)
            || (service.ImplementationType == typeof(OpenIddictClientAspNetCoreConfiguration)
                && service.ServiceType.GenericTypeArguments is [var type] && type == typeof(AuthenticationOptions))).ToList();
        unused.ForEach(service => services.Remove(service));
    }

    private static bool IsOfDataProtection(Type? type) =>
        type?.Namespace?.StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal) is true;

    // The library finds what its provider lacks when its options are made, which would be at the first login.
    private sealed class ProviderStart(IOptionsMonitor<OpenIddictClientOptions> options) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            try
            {
                _ = options.CurrentValue;
                return Task.CompletedTask;
            }
            catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
            {
                throw new StartupException($"{Section} can't be used: {exception.Message}")
                {
                    ExitCode = StartupException.Invalid,
                };
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class ProviderValidation : IValidateOptions<ExternalLoginOptions>
    {
        public ValidateOptionsResult Validate(string? name, ExternalLoginOptions options)
        {
            var problems = options.Providers.SelectMany(pair => ExternalProviderTypes.ProblemsOf(pair.Key, pair.Value)).ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
