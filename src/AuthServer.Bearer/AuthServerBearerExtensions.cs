using AuthServer.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
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
    /// names no scheme is evaluated with it. The program registers its <see cref="IAccessTokenKeys"/>.
    /// </summary>
    /// <param name="builder">The authentication of the program.</param>
    /// <param name="configure">Sets the options; null if they are configured elsewhere.</param>
    public static AuthenticationBuilder AddAuthServerBearer(
        this AuthenticationBuilder builder, Action<AuthServerBearerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<AuthServerBearerOptions>()
            .Configure(options => configure?.Invoke(options))
            .Validate(o => !string.IsNullOrWhiteSpace(o.Issuer), "Issuer is empty; set it to the server's Tokens:Issuer.")
            .Validate(o => !string.IsNullOrWhiteSpace(o.Audience), "Audience is empty; set it to the server's Tokens:Audience.")
            .Validate(o => o.AccessLifetime > TimeSpan.Zero, "AccessLifetime is not positive; set it to the server's.")
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
        services.AddAuthorization();
        services.AddTransient<IPolicyEvaluator, CachingPolicyEvaluator>();

        // Not AddJwtBearer, which would also read the section Authentication.
        return builder.AddScheme<JwtBearerOptions, JwtBearerHandler>(
            JwtBearerDefaults.AuthenticationScheme, configureOptions: null);
    }
}
