using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Hosting;
using AuthServer.Http;
using AuthServer.Storage;
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
        services.AddValidatedOptions<KeyOptions>("Keys").Validate(
            o => o.PublishAhead < o.RotateEvery,
            "Keys:PublishAhead is not shorter than Keys:RotateEvery; a key can't be published before the one before it.");
        services.AddSingleton<RootKeyFiles>();
        services.AddSingleton<RootKeyService>();
        services.AddSingleton<ServerKeys>().AddSingleton<IReloadable>(p => p.GetRequiredService<ServerKeys>());
        services.AddTransient(p => p.GetRequiredService<ServerKeys>().Devices);
        services.AddSingleton(p =>
        {
            var keys = p.GetRequiredService<IOptions<KeyOptions>>().Value;
            var tokens = p.GetRequiredService<IOptions<TokenOptions>>().Value;
            return new AccessKeyPolicy(tokens.Algorithm, keys.RotateEvery, keys.PublishAhead, tokens.AccessLifetime);
        });
        services.AddSingleton<AccessKeyRing>().AddSingleton<IAccessTokenKeys>(p => p.GetRequiredService<AccessKeyRing>());
        services.AddSingleton<IReloadable>(p => p.GetRequiredService<AccessKeyRing>());
        services.AddSingleton<AccessKeyService>();
        services.AddSingleton<MetadataService>();
        services.AddSingleton<ResourceServerService>();
        services.AddSingleton<IReloadable>(p => p.GetRequiredService<ResourceServerService>());
        services.AddSingleton<IntrospectionService>();
        services.AddSingleton<SessionFeedService>().AddHostedService(p => p.GetRequiredService<SessionFeedService>());
        services.AddJson(TokensJson.Default);
        services.AddHostedService<AccessKeyRotation>();
        services.AddSingleton<AccessTokenIssuer>();
        services.AddSingleton<TokenPairIssuer>();
        services.AddOptions<AuthServerBearerOptions>().Configure<IOptions<TokenOptions>>((bearer, tokens) =>
        {
            bearer.Issuer = tokens.Value.Issuer;
            bearer.Audience = tokens.Value.Audience;
            bearer.Algorithms = TokenOptions.Algorithms;
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
