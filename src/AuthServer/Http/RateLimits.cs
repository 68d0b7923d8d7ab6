using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>The section <c>RateLimits</c>.</summary>
internal sealed class RateLimitOptions
{
    /// <summary>True if rates are limited; <c>false</c> for load tests and benchmarks.</summary>
    public bool Enabled { get; set; } = true;
}

/// <summary>Limits of requests per address: token buckets that fill each second.</summary>
internal static class RateLimits
{
    /// <summary>Policy of routes that hash a password: 60 requests at once, then 1 a second.</summary>
    public const string Credentials = "credentials";

    /// <summary>
    /// Policy of routes that look a session up: 1,000 requests at once, then 100 a second, because many people may share an
    /// address.
    /// </summary>
    public const string Sessions = "sessions";

    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddValidatedOptions<RateLimitOptions>("RateLimits");
        services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(Credentials, http => PartitionOf(http, burst: 60, perSecond: 1));
            limiter.AddPolicy(Sessions, http => PartitionOf(http, burst: 1000, perSecond: 100));
            limiter.OnRejected = async (context, _) =>
            {
                var hasWait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
                var seconds = Math.Max(1, hasWait ? Math.Ceiling(wait.TotalSeconds) : 1);
                context.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                await AuthProblems.From(ErrorCode.TooManyRequests).ExecuteAsync(context.HttpContext);
            };
        });
        return services;
    }

    public static void UseRateLimits(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<RateLimitOptions>>().Value.Enabled)
        {
            app.UseRateLimiter();
        }
    }

    private static RateLimitPartition<IPAddress> PartitionOf(HttpContext http, int burst, int perSecond) =>
        RateLimitPartition.GetTokenBucketLimiter(OwnerOf(http.Connection.RemoteIpAddress), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        });

    // An IPv6 customer has a whole /64, so the /64 counts as one address.
    private static IPAddress OwnerOf(IPAddress? address)
    {
        if (address is null or { IsIPv4MappedToIPv6: true } or { AddressFamily: not AddressFamily.InterNetworkV6 })
        {
            return address?.MapToIPv4() ?? IPAddress.None;
        }

        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes);
    }
}
