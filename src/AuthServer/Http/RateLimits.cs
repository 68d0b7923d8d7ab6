using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>
/// The policies by which routes limit requests. A route names its policy by <c>RequireRateLimiting</c>; the limiter is ours.
/// </summary>
internal static class RateLimits
{
    /// <summary>Policy of routes that hash a password.</summary>
    public const string Credentials = "credentials";

    /// <summary>Policy of the login: <see cref="Credentials"/>, and a limit per day.</summary>
    public const string Logins = "logins";

    /// <summary>Policy of the registration: <see cref="Credentials"/>, and a limit per day. It knows no devices.</summary>
    public const string Registrations = "registrations";

    /// <summary>Policy of estimates of passwords. They don't use up the limits of <see cref="Credentials"/>.</summary>
    public const string Estimates = "estimates";

    /// <summary>Policy of routes that look a session up.</summary>
    public const string Sessions = "sessions";

    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddValidatedOptions<RateLimitOptions>("RateLimits");
        services.AddSingleton(p => p.GetRequiredService<IOptions<RateLimitOptions>>().Value.ToFailureLimits());
        services.AddSingleton<RequestLimiter>();
        services.AddSingleton<RefusalHold>();
        return services;
    }

    /// <summary>Counts a registration that a route of another policy makes. False if its client has had too many.</summary>
    public static bool AdmitsRegistration(this HttpContext http) =>
        !http.RequestServices.GetRequiredService<IOptions<RateLimitOptions>>().Value.Enabled
        || http.RequestServices.GetRequiredService<RequestLimiter>().AdmitOrWait(Registrations, http.Request) == TimeSpan.Zero;

    public static void UseRateLimits(this WebApplication app)
    {
        var isEnabled = app.Services.GetRequiredService<IOptions<RateLimitOptions>>().Value.Enabled;
        var limiter = app.Services.GetRequiredService<RequestLimiter>();
        var hold = app.Services.GetRequiredService<RefusalHold>();
        app.Use((http, next) =>
        {
            var policy = http.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName;
            if (policy is Credentials or Logins or Registrations or Estimates)
            {
                hold.Watch(http);
            }

            var wait = isEnabled && policy is not null ? limiter.AdmitOrWait(policy, http.Request) : TimeSpan.Zero;
            return wait == TimeSpan.Zero ? next(http)
                : AuthProblems.From(new Refusal(ErrorCode.TooManyRequests, Wait: wait)).ExecuteAsync(http);
        });
    }
}
