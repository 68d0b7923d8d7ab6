using System.Net;
using AuthServer.Core;
using Microsoft.Extensions.Options;

namespace AuthServer.Http;

/// <summary>
/// Limits requests by the networks of their address. A wider network has a multiple of the limits of the one inside it. Some
/// routes count a request of a known device with its account instead, as long as that has tokens. So no stranger of its network
/// can use its tokens up. Safe to share.
/// </summary>
internal sealed class RequestLimiter
{
    // The most networks of an address that ClientNetworks has.
    private const int Levels = 3;

    // A form asks about as often, until it is sent and its password is hashed.
    private const int EstimatesOfHash = 10;

    // Some 20 MB.
    private const int LargestTable = 100_000;

    private const double SecondsPerDay = 24 * 60 * 60;

    private readonly BucketSize account = new(burst: 10, perSecond: 0.1);
    private readonly BucketSize accountPerDay = new(burst: 200, perSecond: 200 / SecondsPerDay);
    private readonly BucketSize[] credentials;
    private readonly BucketSize[] estimates;
    private readonly BucketSize[] sessions;
    private readonly BucketSize[] registrationsPerDay;
    private readonly BucketSize[] loginsPerDay;
    private readonly TokenBuckets buckets;

    public RequestLimiter(IOptions<RateLimitOptions> options, TimeProvider clock)
    {
        var settings = options.Value;
        buckets = new(clock, LargestTable);
        credentials = Sizes(settings.Credentials.Burst, settings.Credentials.PerSecond);
        estimates = Sizes(settings.Credentials.Burst * EstimatesOfHash, settings.Credentials.PerSecond);
        sessions = Sizes(settings.Sessions.Burst, settings.Sessions.PerSecond);
        registrationsPerDay = Sizes(settings.RegistrationsPerDay, settings.RegistrationsPerDay / SecondsPerDay);
        loginsPerDay = Sizes(settings.LoginsPerDay, settings.LoginsPerDay / SecondsPerDay);

        BucketSize[] Sizes(double burst, double perSecond) =>
        [
            .. Enumerable.Range(0, Levels).Select(level => Math.Pow(settings.NetworkFactor, level))
                .Select(factor => new BucketSize(burst * factor, perSecond * factor)),
        ];
    }

    /// <summary>Counts a request.</summary>
    /// <param name="policy">The policy of its route: one of the constants of <see cref="RateLimits"/>.</param>
    /// <param name="request">The request.</param>
    /// <returns>Zero if the request is admitted; else the time after which it may be sent again.</returns>
    public TimeSpan AdmitOrWait(string policy, HttpRequest request)
    {
        // An account that has used its own tokens up is limited like a stranger.
        var knowsDevices = policy is RateLimits.Logins or RateLimits.Credentials;
        if (knowsDevices && DeviceTokens.Of(request) is { UserId: var user }
            && buckets.TakeOrWait([new(account, default, user), new(accountPerDay, default, user)]) == TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var address = request.HttpContext.Connection.RemoteIpAddress;
        return buckets.TakeOrWait(policy switch
        {
            RateLimits.Sessions => KeysOf(address, sessions),
            RateLimits.Estimates => KeysOf(address, estimates),
            RateLimits.Registrations => KeysOf(address, credentials, registrationsPerDay),
            RateLimits.Logins => KeysOf(address, credentials, loginsPerDay),
            RateLimits.Credentials => KeysOf(address, credentials),
            _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "There is no such policy."),
        });
    }

    // All unknown addresses are one.
    private static BucketKey[] KeysOf(IPAddress? address, params ReadOnlySpan<BucketSize[]> limits)
    {
        var networks = ClientNetworks.Of(address ?? IPAddress.None);
        var keys = new BucketKey[networks.Count * limits.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            var level = i % networks.Count;
            keys[i] = new BucketKey(limits[i / networks.Count][level], networks[level]);
        }

        return keys;
    }
}
