using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using AuthServer.Core;
using AuthServer.Hosting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>The section <c>RateLimits</c>.</summary>
internal sealed class RateLimitOptions
{
    /// <summary>True if rates are limited; <c>false</c> for load tests and benchmarks.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Failed logins of an account that delay no stranger. 1 to 1,000,000; 100 unless set.</summary>
    [Range(1, 1_000_000)]
    public int AccountFailures { get; set; } = 100;

    /// <summary>
    /// Failed logins of an address that delay no login from it. Wider networks have four times that each. 1 to 1,000,000; 100
    /// unless set.
    /// </summary>
    [Range(1, 1_000_000)]
    public int NetworkFailures { get; set; } = 100;

    public FailureLimits ToFailureLimits() => new()
    {
        Enabled = Enabled,
        Account = FailureLimits.OfAccount(AccountFailures),
        Address = FailureLimits.OfAddress(NetworkFailures),
    };
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
        services.AddSingleton(p => p.GetRequiredService<IOptions<RateLimitOptions>>().Value.ToFailureLimits());
        services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(Credentials, new PerAddress(burst: 60, perSecond: 1));
            limiter.AddPolicy(Sessions, new PerAddress(burst: 1000, perSecond: 100));
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

    /// <summary>One token bucket for each address.</summary>
    private sealed class PerAddress(int burst, int perSecond) : IRateLimiterPolicy<IPAddress>
    {
        private readonly Func<IPAddress, TokenBucketRateLimiterOptions> bucket = _ => new()
        {
            TokenLimit = burst,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        };

        /// <summary>Null: the answer is the same for all policies.</summary>
        public Func<OnRejectedContext, CancellationToken, ValueTask>? OnRejected => null;

        public RateLimitPartition<IPAddress> GetPartition(HttpContext httpContext)
        {
            var address = httpContext.Connection.RemoteIpAddress ?? IPAddress.None;
            if (address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
            {
                // An IPv6 customer has a whole /64, so the /64 counts as one address.
                var bytes = address.GetAddressBytes();
                Array.Clear(bytes, 8, 8);
                address = new IPAddress(bytes);
            }
            else
            {
                address = address.MapToIPv4();
            }

            return RateLimitPartition.GetTokenBucketLimiter(address, bucket);
        }
    }
}
