using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthServer.Client;

/// <summary>Registers the client, and puts access tokens on HTTP clients.</summary>
public static class AuthServerClientSetup
{
    private static readonly TimeSpan LongestGrace = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Registers <see cref="AuthServerClient"/> for the one user of this process. Tokens are kept by the <see cref="ITokenStore"/>
    /// that is registered, in memory where none is; time is taken from a registered <see cref="TimeProvider"/>.
    /// </summary>
    /// <returns>
    /// The HTTP client of the calls to the server itself, which carries no tokens. A handler on it must neither repeat requests nor
    /// cut them off: how often and how long a refresh is tried is bound to the server's grace, and this client sees to it.
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
                "AuthServerClientOptions.Origins must be absolute http or https addresses, such as https://api.example.com.")
            .Validate(
                options => options.Grace >= TimeSpan.Zero && options.Grace <= LongestGrace,
                "AuthServerClientOptions.Grace must be the server's Sessions:Grace, 0 to 5 minutes.");

        services.TryAddSingleton<ITokenStore, MemoryTokenStore>();
        services.TryAddSingleton<ServerHttp>();
        services.TryAddSingleton(provider => new SessionKeeper(
            ApiOf(provider),
            provider.GetRequiredService<ITokenStore>(),
            provider.GetRequiredService<IOptions<AuthServerClientOptions>>(),
            ClockOf(provider),
            provider.GetRequiredService<ILogger<AuthServerClient>>()));
        services.TryAddSingleton(provider => new AuthServerClient(
            provider.GetRequiredService<ServerHttp>(),
            ApiOf(provider),
            provider.GetRequiredService<SessionKeeper>(),
            new TokenDestinations(provider.GetRequiredService<IOptions<AuthServerClientOptions>>().Value),
            ClockOf(provider)));
        services.TryAddTransient<AuthServerHandler>();

        // A redirected refresh would hand the refresh token to wherever it is sent.
        return services.AddHttpClient(ServerHttp.Name)
            .UseSocketsHttpHandler((handler, _) => (handler.AllowAutoRedirect, handler.UseCookies) = (false, false));
    }

    /// <summary>
    /// Puts an <see cref="AuthServerHandler"/> on an HTTP client, also one of Refit or gRPC. It works outside and inside of a
    /// resilience handler; inside, a repeat gets a token that is fresh at that moment.
    /// </summary>
    public static IHttpClientBuilder AddAuthServerTokens(this IHttpClientBuilder builder) =>
        builder.AddHttpMessageHandler<AuthServerHandler>();

    private static ServerApi ApiOf(IServiceProvider provider) => new(provider.GetRequiredService<ServerHttp>(), ClockOf(provider));

    private static TimeProvider ClockOf(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static bool IsWebAddress(Uri? address) =>
        address is { IsAbsoluteUri: true } && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);
}
