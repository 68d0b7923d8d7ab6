using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.Options;

namespace AuthServer.Tokens;

internal static class TokensServiceCollectionExtensions
{
    public static IServiceCollection AddTokens(this IServiceCollection services)
    {
        services.AddValidatedOptions<TokenOptions>("Tokens").Validate(
            o => o.AccessLifetime.Ticks % TimeSpan.TicksPerSecond == 0,
            "Tokens:AccessLifetime has a part of a second; set it in whole seconds.");
        services.AddValidatedOptions<KeyOptions>("Keys");

        services.AddSingleton<ServerKeys>();
        services.AddSingleton<AccessTokenRules>();
        services.AddSingleton<AccessTokenIssuer>();
        services.AddSingleton<AccessTokenReader>();
        services.AddSingleton<TokenPairIssuer>();
        services.AddSingleton<ValidatedTokenCache>();
        services.AddSingleton(p => EndedSessionMemory.For(p.GetRequiredService<IOptions<TokenOptions>>().Value.AccessLifetime));
        services.AddSingleton<EndedSessionCache>().AddSingleton<ISessionEndListener>(p => p.GetRequiredService<EndedSessionCache>());
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, BearerGuard>();

        // What AddAuthentication does, but for data protection, which no scheme of bearer tokens needs and which makes keys at start.
        // No request is authenticated but where its route asks for it: a token that comes along elsewhere is none of the guard's business.
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = JwtBearerDefaults.AuthenticationScheme;
            options.DefaultAuthenticateScheme = "none";
        });
        services.AddWebEncoders();
        services.AddSingleton<IAuthenticationConfigurationProvider, NoConfiguration>();
        new AuthenticationBuilder(services).AddJwtBearer();
        services.AddAuthorization();
        services.AddTransient<IPolicyEvaluator, CachingPolicyEvaluator>();
        return services;
    }

    /// <summary>The guard is ours to configure: nothing of it is read from the section <c>Authentication</c>.</summary>
    private sealed class NoConfiguration : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
    }
}
