using AuthServer.Hosting;
using AuthServer.Http;
using Microsoft.Extensions.Options;

namespace AuthServer.Sessions;

internal static class SessionsServiceCollectionExtensions
{
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddValidatedOptions<SessionOptions>("Sessions");
        services.AddSingleton(p => p.GetRequiredService<IOptions<SessionOptions>>().Value.ToPolicy());
        services.AddJson(SessionsJson.Default);
        services.AddSingleton<LoginThrottleService>();
        services.AddSingleton<LoginService>();
        services.AddSingleton<RefreshService>();
        services.AddSingleton<LogoutService>();
        services.AddSingleton<SessionListService>();
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
}
