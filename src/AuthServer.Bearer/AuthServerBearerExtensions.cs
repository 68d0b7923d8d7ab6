using AuthServer.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AuthServer.Bearer;

/// <summary>Adds the access tokens of AuthServer to a program's authentication.</summary>
public static class AuthServerBearerExtensions
{
    /// <summary>
    /// Adds the scheme <c>Bearer</c>, which takes access tokens of AuthServer from <c>Authorization: Bearer</c>. A policy that
    /// names no scheme is evaluated with it. With <see cref="AuthServerBearerOptions.Authority"/> the keys are fetched from the
    /// server; else the program registers its <see cref="IAccessTokenKeys"/>.
    /// </summary>
    /// <param name="builder">The authentication of the program.</param>
    /// <param name="configure">
    /// Sets the options; null if they are configured elsewhere. The authority and its credentials are set here.
    /// </param>
    public static AuthenticationBuilder AddAuthServerBearer(
        this AuthenticationBuilder builder, Action<AuthServerBearerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<AuthServerBearerOptions>()
            .Configure(options => configure?.Invoke(options))
            .PostConfigure(options => options.Issuer = IssuerOf(options))
            .Validate(o => !string.IsNullOrWhiteSpace(o.Issuer), "Issuer is empty; set it to the server's Tokens:Issuer.")
            .Validate(o => !string.IsNullOrWhiteSpace(o.Audience), "Audience is empty; set it to the server's Tokens:Audience.")
            .Validate(o => o.AccessLifetime > TimeSpan.Zero, "AccessLifetime is not positive; set it to the server's.")
            .Validate(
                o => o.Authority is null || AddressOf(o) is not null,
                "Authority is no address of a server; write it like https://auth.example.com.")
            .Validate(
                o => AddressOf(o) is not { IsLoopback: false, Scheme: "http" } || !o.RequireHttps,
                "Authority is an address without TLS of another machine; write it with https, or set RequireHttps to false.")
            .Validate(
                o => HasValue(o.EndedSessions.ClientId) == HasValue(o.EndedSessions.ClientSecret),
                "EndedSessions has only one of ClientId and ClientSecret; set both, as resources add shows them.")
            .Validate<AuthorityRegistration>(
                (o, registered) => o.Authority is not null == registered.HasAuthority,
                "Authority is set elsewhere than in AddAuthServerBearer, which has to know it; set it there.")
            .Validate<AuthorityRegistration>(
                (o, registered) => HasValue(o.EndedSessions.ClientId) == registered.HasFeed,
                "EndedSessions is set without Authority, or elsewhere than in AddAuthServerBearer; set both there.")
            .ValidateOnStart();

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<AccessTokenRules>();
        services.AddSingleton<AccessTokenReader>();
        services.AddSingleton<ValidatedTokenCache>();
        services.AddSingleton<IssuedTokenCache>();
        services.AddSingleton(p =>
            EndedSessionMemory.For(p.GetRequiredService<IOptions<AuthServerBearerOptions>>().Value.AccessLifetime));
        services.AddSingleton<EndedSessionCache>();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, ConfigureJwtBearer>();
        AddAuthority(services, configure);
        services.AddAuthorization();
        services.AddSingleton<IAuthorizationHandler, FreshProofHandler>();
        services.AddTransient<IPolicyEvaluator, CachingPolicyEvaluator>();

        // Not AddJwtBearer, which would also read the section Authentication.
        return builder.AddScheme<JwtBearerOptions, JwtBearerHandler>(
            JwtBearerDefaults.AuthenticationScheme, configureOptions: null);
    }

    /// <summary>
    /// Requires that the user has proved who they are within a time. Without such a proof the answer is 403 with the code
    /// <c>reauthentication_required</c>. The claim <c>auth_time</c> of the access token decides, so after a new proof the client
    /// has to send a new token.
    /// </summary>
    /// <param name="policy">The policy of a route.</param>
    /// <param name="maxAge">The longest time since the proof.</param>
    public static AuthorizationPolicyBuilder RequireFresh(this AuthorizationPolicyBuilder policy, TimeSpan maxAge)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.RequireAuthenticatedUser().AddRequirements(new FreshProofRequirement(maxAge));
    }

    private static void AddAuthority(IServiceCollection services, Action<AuthServerBearerOptions>? configure)
    {
        var options = new AuthServerBearerOptions();
        configure?.Invoke(options);
        var registered = new AuthorityRegistration(
            options.Authority is not null, options.Authority is not null && HasValue(options.EndedSessions.ClientId));
        services.AddSingleton(registered);
        if (!registered.HasAuthority)
        {
            return;
        }

        services.AddMetrics();
        services.AddSingleton<AuthorityClient>();
        services.AddSingleton<RemoteKeys>();
        services.AddSingleton<IAccessTokenKeys>(p => p.GetRequiredService<RemoteKeys>());
        services.AddHostedService(p => p.GetRequiredService<RemoteKeys>());
        if (registered.HasFeed)
        {
            services.AddSingleton<EndedSessionListener>();
            services.AddHostedService(p => p.GetRequiredService<EndedSessionListener>());
            services.AddHealthChecks().AddCheck<EndedSessionListener>("authserver");
        }
    }

    private static bool HasValue(string? text) => !string.IsNullOrWhiteSpace(text);

    private static string IssuerOf(AuthServerBearerOptions options) =>
        options.Issuer.Length > 0 ? options.Issuer : options.Authority?.TrimEnd('/') ?? "";

    private static Uri? AddressOf(AuthServerBearerOptions options) =>
        Uri.TryCreate(options.Authority, UriKind.Absolute, out var address)
        && address is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" }
            ? address
            : null;

    /// <summary>The parts that the call of a program has registered.</summary>
    /// <param name="HasAuthority">True if keys are fetched from a server.</param>
    /// <param name="HasFeed">True if the program hears of ended sessions.</param>
    private sealed record AuthorityRegistration(bool HasAuthority, bool HasFeed);
}
