using System.Runtime.Versioning;
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
        services.TryAddSingleton<ITokenStore, MemoryTokenStore>();
        services.TryAddSingleton(provider => CreateKeeper(provider, provider.GetRequiredService<ITokenStore>()));
        services.TryAddSingleton(provider => CreateClient(provider, provider.GetRequiredService<SessionKeeper>()));
        services.TryAddTransient<AuthServerHandler>();
        return services.AddServerHttp(configure);
    }

    /// <summary>
    /// Registers <see cref="AuthServerClients"/> for many users in one process, such as those of a server-rendered application.
    /// It does not register an <see cref="AuthServerClient"/>, which would be one session for all users.
    /// </summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="openStore">
    /// Returns the store of the session with a key. All stores that it returns for a key must have the same content. It may be
    /// called at any time and on any thread. Null to keep all sessions in memory, without device tokens.
    /// </param>
    /// <returns>The HTTP client of the requests to the server itself, as for one user.</returns>
    public static IHttpClientBuilder AddAuthServerClients(
        this IServiceCollection services,
        Action<AuthServerClientOptions> configure,
        Func<IServiceProvider, string, ITokenStore>? openStore = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider =>
        {
            var memory = new MemoryTokenStores();
            return new AuthServerClients(
                key => CreateClient(provider, CreateKeeper(provider, openStore?.Invoke(provider, key) ?? memory.For(key))),
                ClockOf(provider));
        });
        return services.AddServerHttp(configure);
    }

    /// <summary>
    /// Adds an <see cref="AuthServerHandler"/> to an HTTP client, also to one of Refit or gRPC. It works outside and inside of a
    /// resilience handler; inside, each repeated request gets a token that is fresh at that moment.
    /// </summary>
    public static IHttpClientBuilder AddAuthServerTokens(this IHttpClientBuilder builder) =>
        builder.AddHttpMessageHandler<AuthServerHandler>();

    /// <summary>
    /// Adds an <see cref="AuthServerHandler"/> that sends each request with the access token of the user on whose behalf it is
    /// sent. Disables the cookies of the HTTP client, which all users would share.
    /// </summary>
    /// <param name="builder">The HTTP client.</param>
    /// <param name="keyOf">
    /// Returns the key of the session, as <see cref="AuthServerClients.For"/> takes it; null for a request without a token. It is
    /// called for each request, with services that all requests share: a scoped one is not that of the user. In ASP.NET Core,
    /// take the key from the <c>HttpContext</c> of <c>IHttpContextAccessor</c>.
    /// </param>
    public static IHttpClientBuilder AddAuthServerTokens(this IHttpClientBuilder builder, Func<IServiceProvider, string?> keyOf)
    {
        ArgumentNullException.ThrowIfNull(keyOf);
        return builder
            .ConfigurePrimaryHttpMessageHandler(DisableCookies)
            .AddHttpMessageHandler(services =>
            {
                var clients = services.GetRequiredService<AuthServerClients>();
                return new AuthServerHandler(() => keyOf(services) is { } key ? clients.For(key) : null);
            });
    }

    private static IHttpClientBuilder AddServerHttp(this IServiceCollection services, Action<AuthServerClientOptions> configure)
    {
        services.AddOptions<AuthServerClientOptions>()
            .Configure(configure)
            .Validate(
                options => IsWebAddress(options.ServerAddress) && options.ServerAddress!.Query.Length == 0,
                "AuthServerClientOptions.ServerAddress must be the auth server's absolute http or https address, "
                + "such as https://auth.example.com.")
            .Validate(
                options => options.Origins.All(IsWebAddress),
                "AuthServerClientOptions.Origins must be absolute http or https addresses, such as https://api.example.com.");
        services.TryAddSingleton(provider => new ServerHttp(
            provider.GetRequiredService<IHttpMessageHandlerFactory>(),
            provider.GetRequiredService<IOptionsMonitor<HttpClientFactoryOptions>>(),
            provider.GetRequiredService<IOptions<AuthServerClientOptions>>(),
            ClockOf(provider)));

        var http = services.AddHttpClient(ServerHttp.Name);
        return SocketsHttpHandler.IsSupported ? http.UseSocketsHttpHandler(Restrict) : http;
    }

    private static AuthServerClient CreateClient(IServiceProvider provider, SessionKeeper keeper) => new(
        provider.GetRequiredService<ServerHttp>(),
        ApiOf(provider),
        keeper,
        new TokenDestinations(provider.GetRequiredService<IOptions<AuthServerClientOptions>>().Value),
        ClockOf(provider));

    private static SessionKeeper CreateKeeper(IServiceProvider provider, ITokenStore store) =>
        new(ApiOf(provider), store, ClockOf(provider), provider.GetRequiredService<ILogger<AuthServerClient>>());

    private static ServerApi ApiOf(IServiceProvider provider) =>
        new(provider.GetRequiredService<ServerHttp>(), ClockOf(provider));

    private static TimeProvider ClockOf(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    // A redirected refresh would send the refresh token to another address. In a browser, each request has an option for this.
    [UnsupportedOSPlatform("browser")]
    private static void Restrict(SocketsHttpHandler handler, IServiceProvider services) =>
        (handler.AllowAutoRedirect, handler.UseCookies) = (false, false);

    private static void DisableCookies(HttpMessageHandler primary, IServiceProvider services)
    {
        if (SocketsHttpHandler.IsSupported && primary is SocketsHttpHandler sockets)
        {
            sockets.UseCookies = false;
        }
        else if (!OperatingSystem.IsBrowser() && primary is HttpClientHandler handler)
        {
            handler.UseCookies = false;
        }
    }

    private static bool IsWebAddress(Uri? address) =>
        address is { IsAbsoluteUri: true } && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);
}
