using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthServer.Client;

/// <summary>Registers the client, and attaches access tokens to the requests of HTTP clients.</summary>
public static class AuthServerClientServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="AuthServerClient"/> for the one user of this process. Tokens are kept by the registered
    /// <see cref="ITokenStore"/>, or in memory if there is none; time is measured by the registered <see cref="TimeProvider"/>.
    /// </summary>
    /// <returns>
    /// The HTTP client of the requests to the server itself. A handler on it must neither repeat requests nor cancel them. This
    /// client repeats a refresh itself, and discards the answer to any attempt but the latest.
    /// </returns>
    public static IHttpClientBuilder AddAuthServerClient(
        this IServiceCollection services, Action<AuthServerClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<AuthServerClientOptions>()
            .Configure(configure)
            .Validate(
                options => IsWebAddress(options.ServerAddress) && options.ServerAddress!.Query.Length == 0,
                "AuthServerClientOptions.ServerAddress must be the auth server's absolute http or https address, "
                + "such as https://auth.example.com.")
            .Validate(
                options => options.Origins.All(IsWebAddress),
                "AuthServerClientOptions.Origins must be absolute http or https addresses, such as https://api.example.com.");

        services.TryAddSingleton<ITokenStore, MemoryTokenStore>();
        services.TryAddSingleton(provider => new ServerHttp(
            provider.GetRequiredService<IHttpMessageHandlerFactory>(),
            provider.GetRequiredService<IOptionsMonitor<HttpClientFactoryOptions>>(),
            provider.GetRequiredService<IOptions<AuthServerClientOptions>>(),
            ClockOf(provider)));
        services.TryAddSingleton(provider => new SessionKeeper(
            ApiOf(provider),
            provider.GetRequiredService<ITokenStore>(),
            ClockOf(provider),
            provider.GetRequiredService<ILogger<AuthServerClient>>()));
        services.TryAddSingleton(provider => new AuthServerClient(
            provider.GetRequiredService<ServerHttp>(),
            ApiOf(provider),
            provider.GetRequiredService<SessionKeeper>(),
            new TokenDestinations(provider.GetRequiredService<IOptions<AuthServerClientOptions>>().Value),
            ClockOf(provider)));
        services.TryAddTransient<AuthServerHandler>();

        // A redirected refresh would send the refresh token to another address.
        return services.AddHttpClient(ServerHttp.Name)
            .UseSocketsHttpHandler((handler, _) => (handler.AllowAutoRedirect, handler.UseCookies) = (false, false));
    }

    /// <summary>
    /// Adds an <see cref="AuthServerHandler"/> to an HTTP client, also to one of Refit or gRPC. It works outside and inside of a
    /// resilience handler; inside, each repeated request gets a token that is fresh at that moment.
    /// </summary>
    public static IHttpClientBuilder AddAuthServerTokens(this IHttpClientBuilder builder) =>
        builder.AddHttpMessageHandler<AuthServerHandler>();

    private static ServerApi ApiOf(IServiceProvider provider) =>
        new(provider.GetRequiredService<ServerHttp>(), ClockOf(provider));

    private static TimeProvider ClockOf(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static bool IsWebAddress(Uri? address) =>
        address is { IsAbsoluteUri: true } && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);
}
