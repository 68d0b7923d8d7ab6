using AuthServer.Hosting;
using AuthServer.Http;
using Microsoft.Extensions.Options;

namespace AuthServer.Sessions;

internal static class SessionsServiceCollectionExtensions
{
    public static IServiceCollection AddSessions(this IServiceCollection services)
    {
        services.AddValidatedOptions<SessionOptions>("Sessions")
            .Validate(
                o => IsLifetime(o.IdleLifetime),
                "Sessions:IdleLifetime is out of range; set it from 00:01:00 to 3660.00:00:00.")
            .Validate(
                o => IsLifetime(o.AbsoluteLifetime),
                "Sessions:AbsoluteLifetime is out of range; set it from 00:01:00 to 3660.00:00:00.")
            .Validate(
                o => o.Grace >= TimeSpan.Zero && o.Grace <= TimeSpan.FromMinutes(5),
                "Sessions:Grace is out of range; set it from 00:00:00 to 00:05:00.")
            .Validate(
                o => o.MaxPerUser is >= 0 and <= 10_000,
                "Sessions:MaxPerUser is out of range; set it from 0, for no limit, to 10000.")
            .Validate(o => Enum.IsDefined(o.WhenFull), "Sessions:WhenFull is unknown; set it to displace or refuse.");
        services.AddSingleton(p => p.GetRequiredService<IOptions<SessionOptions>>().Value.ToPolicy());
        services.AddJson(SessionsJson.Default);
        services.AddSingleton<LoginService>();
        services.AddSingleton<RefreshService>();
        services.AddSingleton<LogoutService>();
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

    private static bool IsLifetime(TimeSpan value) => value >= TimeSpan.FromMinutes(1) && value <= TimeSpan.FromDays(3660);
}
