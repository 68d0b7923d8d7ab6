using AuthServer.Bearer;
using AuthServer.Hosting;
using AuthServer.Http;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer.Sessions;

internal static class SessionsServiceCollectionExtensions
{
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddValidatedOptions<SessionOptions>("Sessions").Validate(
            o => o.CookieDomain.Length == 0 || IsDomain(o.CookieDomain),
            "Sessions:CookieDomain is no domain of several hosts; write it like example.com.");
        services.AddSingleton(p => p.GetRequiredService<IOptions<SessionOptions>>().Value.ToPolicy());
        services.AddJson(SessionsJson.Default);
        services.AddSingleton<LoginThrottleService>();
        services.AddSingleton<SessionOpeningService>();
        services.AddSingleton<LoginService>();
        services.AddSingleton<DeviceTokenIssuer>();
        services.AddSingleton<SecondFactorCheck>();
        services.AddSingleton<CredentialChangeService>();
        services.AddSingleton<RefreshService>();
        services.AddSingleton<LogoutService>();
        services.AddSingleton<SessionListService>();
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<HandleCache>();
        services.AddSingleton<HandleService>();
        services.AddSingleton<ICallerSource, CookieCallers>();
        services.AddSingleton<LastProofService>();
        services.AddSingleton<IProofSource, LastProofs>();
        services.AddOptions<ForwardAuthOptions>().Validate<IOptions<TokenOptions>>(
            (o, tokens) => o.Audience != tokens.Value.Audience,
            "ForwardAuth:Audience is that of Tokens:Audience; set it to another one, or applications could call this server.");
        services.AddSingleton<ForwardAuthService>();
        return services;
    }

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("").WithTags("Sessions").RequireRateLimiting(RateLimits.Sessions);
        sessions.MapLogin();
        sessions.MapRefresh();
        sessions.MapLogout();
        sessions.MapSessionList();
    }

    // Browsers refuse a cookie for an address, and for a domain of one label.
    private static bool IsDomain(string text) =>
        Uri.CheckHostName(text) == UriHostNameType.Dns && text.Contains('.', StringComparison.Ordinal) && text[0] != '.'
        && text[^1] != '.' && text.All(char.IsAscii);
}
