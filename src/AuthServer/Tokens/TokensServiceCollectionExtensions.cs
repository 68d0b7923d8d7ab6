using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace AuthServer.Tokens;

internal static class TokensServiceCollectionExtensions
{
    public static IServiceCollection AddTokens(this IServiceCollection services)
    {
        services.AddValidatedOptions<TokenOptions>("Tokens").Validate(
            o => o.AccessLifetime.Ticks % TimeSpan.TicksPerSecond == 0,
            "Tokens:AccessLifetime has a part of a second; set it in whole seconds.")
            .Validate(
            o => Uri.TryCreate(o.Issuer, UriKind.Absolute, out var issuer) && issuer.Scheme is ("http" or "https"),
            "Tokens:Issuer is no address that clients can use; write it like https://auth.example.com.");
        services.AddValidatedOptions<KeyOptions>("Keys");

        services.AddSingleton<ServerKeys>().AddSingleton<IAccessTokenKeys>(p => p.GetRequiredService<ServerKeys>());
        services.AddSingleton(p => p.GetRequiredService<ServerKeys>().Devices);
        services.AddSingleton<AccessTokenIssuer>();
        services.AddSingleton<TokenPairIssuer>();
        services.AddOptions<AuthServerBearerOptions>().Configure<IOptions<TokenOptions>>((bearer, tokens) =>
        {
            bearer.Issuer = tokens.Value.Issuer;
            bearer.Audience = tokens.Value.Audience;
            bearer.Algorithms = [tokens.Value.Algorithm];
            bearer.AccessLifetime = tokens.Value.AccessLifetime;
        });
        services.AddSingleton<ISessionEndListener>(p => p.GetRequiredService<EndedSessionCache>());

        // AddAuthentication without data protection, which no scheme of bearer tokens needs and which makes keys at start. No
        // request is authenticated unless its route requires it: a token that accompanies another request is not checked.
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = JwtBearerDefaults.AuthenticationScheme;
            options.DefaultAuthenticateScheme = "none";
        });
        services.AddWebEncoders();
        new AuthenticationBuilder(services).AddAuthServerBearer();
        return services;
    }
}
