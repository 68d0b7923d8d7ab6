using System.Globalization;
using System.Net;
using System.Text;
using AuthServer.Core;
using AuthServer.Http;
using AuthServer.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace AuthServer.Tests;

/// <summary>Limits of requests by address and network. The clock stands, so no bucket fills unless a test moves it.</summary>
public sealed class RateLimitsTests
{
    private const string Ada = "203.0.113.7";
    private const string Neighbor = "203.0.113.8";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, "203.0.113.7")]
    [InlineData(2, "203.0.113.7", "::ffff:203.0.113.7")]
    [InlineData(2, null, null)]
    [InlineData(4, "203.0.113.7", "203.0.113.8")]
    [InlineData(4, "203.0.113.7", "203.0.113.8", "203.0.113.9")]
    [InlineData(6, "203.0.113.7", "203.0.113.8", "203.0.113.9", "203.0.114.7")]
    [InlineData(2, "2001:db8:1:100::1", "2001:db8:1:100::2", "2001:db8:1:100:ffff::")]
    [InlineData(4, "2001:db8:1:100::1", "2001:db8:1:101::1", "2001:db8:1:1ff::1")]
    [InlineData(6, "2001:db8:1:100::1", "2001:db8:1:101::1", "2001:db8:1:1ff::1", "2001:db8:1:200::1")]
    [InlineData(8, "2001:db8:1:100::1", "2001:db8:1:200::1", "2001:db8:1:300::1", "2001:db8:1:400::1", "2001:db8:1:500::1")]
    [InlineData(4, "2001:db8:1:100::1", "2001:db8:2:100::1")]
    public async Task Each_network_has_multiple_of_limit_of_network_inside_it(int admitted, params string?[] addresses)
    {
        await using var app = NewApp();
        var requests = 0;
        foreach (var address in addresses)
        {
            requests += await AdmittedAsync(app, address, count: 3);
        }

        Assert.Equal(admitted, requests);
    }

    [Fact]
    public async Task Factor_of_networks_is_setting()
    {
        await using var app = NewApp(("RateLimits:NetworkFactor", "1"));
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 3));
        Assert.Equal(0, await AdmittedAsync(app, Neighbor, count: 3));
    }

    [Fact]
    public async Task Refused_requests_of_address_cost_its_network_nothing()
    {
        await using var app = NewApp();
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 20));
        Assert.Equal(2, await AdmittedAsync(app, Neighbor, count: 3));
    }

    [Fact]
    public async Task Requests_refused_because_of_network_cost_address_nothing()
    {
        await using var app = NewApp();
        Assert.Equal(2, await AdmittedAsync(app, "203.0.113.1", count: 2));
        Assert.Equal(2, await AdmittedAsync(app, "203.0.113.2", count: 2));
        Assert.Equal(0, await AdmittedAsync(app, Ada, count: 20));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 3));
    }

    [Fact]
    public async Task Bucket_fills_by_second_up_to_burst()
    {
        await using var app = NewApp();
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 3));
        app.Clock.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await AdmittedAsync(app, Ada, count: 3));
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await AdmittedAsync(app, Ada, count: 3));
        app.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 3));
    }

    [Theory]
    [InlineData("/login", 8 * 60 * 60)]
    [InlineData("/register", 24 * 60 * 60)]
    public async Task Day_has_limit_of_its_own_and_longest_wait_is_sent(string path, int seconds)
    {
        await using var app = NewApp(
            ("RateLimits:Credentials:Burst", "10"), ("RateLimits:LoginsPerDay", "3"), ("RateLimits:RegistrationsPerDay", "1"));
        var perDay = 24 * 60 * 60 / seconds;
        Assert.Equal(perDay, await AdmittedAsync(app, Ada, count: 10, path));
        Assert.Equal(seconds, await WaitAsync(app, Ada, path));
        Assert.Equal(1, await AdmittedAsync(app, Ada, count: 1, "/password"));
        Assert.Equal(1, await AdmittedAsync(app, Ada, count: 1, "/reauthenticate"));
        app.Clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(1, await AdmittedAsync(app, Ada, count: 2, path));
    }

    [Fact]
    public async Task Estimates_of_passwords_and_logins_use_up_only_their_own_limit()
    {
        await using var app = NewApp();
        Assert.Equal(20, await AdmittedAsync(app, Ada, count: 30, "/password/strength"));
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 3));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await AdmittedAsync(app, Ada, count: 3));
        Assert.Equal(1, await AdmittedAsync(app, Ada, count: 3, "/password/strength"));
    }

    [Fact]
    public async Task Refreshes_have_limit_of_their_own()
    {
        await using var app = NewApp(("RateLimits:Sessions:Burst", "3"), ("RateLimits:Sessions:PerSecond", "2"));
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 3));
        Assert.Equal(3, await AdmittedAsync(app, Ada, count: 4, "/refresh"));
        Assert.Equal(1, await WaitAsync(app, Ada, "/refresh"));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 4, "/logout"));
    }

    [Fact]
    public async Task Known_device_is_not_starved_by_its_network()
    {
        await using var app = NewApp();
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 20));
        var device = TokenOf(app, Guid.NewGuid());
        Assert.Equal(10, await AdmittedAsync(app, Ada, count: 20, device: device));
        Assert.Equal(10, await AdmittedAsync(app, Ada, count: 20, device: TokenOf(app, Guid.NewGuid())));

        // Beyond its own tokens it is limited like a stranger.
        Assert.Equal(1, await WaitAsync(app, Ada, device: device));
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1 + 2, await AdmittedAsync(app, Ada, count: 20, device: device));
    }

    [Fact]
    public async Task Devices_of_one_account_share_its_tokens()
    {
        await using var app = NewApp();
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 3));
        var user = Guid.NewGuid();
        Assert.Equal(10, await AdmittedAsync(app, Ada, count: 10, device: TokenOf(app, user)));
        Assert.Equal(0, await AdmittedAsync(app, Ada, count: 10, device: TokenOf(app, user)));
    }

    [Fact]
    public async Task Known_device_has_200_logins_in_day()
    {
        await using var app = NewApp();
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 3));
        var (device, admitted) = (TokenOf(app, Guid.NewGuid()), 0);
        for (var pause = 0; pause < 30; pause++)
        {
            admitted += await AdmittedAsync(app, Neighbor, count: 10, device: device);
            app.Clock.Advance(TimeSpan.FromSeconds(100));
        }

        // The day has 200 at once, seven that came back in 50 minutes, and those of a stranger for the rest.
        Assert.InRange(admitted, 207, 207 + (2 * 10));
    }

    [Fact]
    public async Task Known_device_costs_its_network_nothing()
    {
        await using var app = NewApp();
        Assert.Equal(10, await AdmittedAsync(app, Ada, count: 10, device: TokenOf(app, Guid.NewGuid())));
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 3));
    }

    [Theory]
    [InlineData("/register", false)]
    [InlineData("/refresh", false)]
    [InlineData("/login", true)]
    public async Task Request_without_use_for_device_counts_with_its_network(string path, bool forged)
    {
        await using var app = NewApp(("RateLimits:Sessions:Burst", "2"), ("RateLimits:Sessions:PerSecond", "1"));
        var device = TokenOf(app, Guid.NewGuid());
        Assert.Equal(2, await AdmittedAsync(app, Ada, count: 3, path, forged ? device[..^2] + "AA" : device));
    }

    [Fact]
    public async Task Limits_that_are_disabled_refuse_nothing()
    {
        await using var app = NewApp(("RateLimits:Enabled", "false"));
        Assert.Equal(20, await AdmittedAsync(app, Ada, count: 20));
    }

    [Fact]
    public void Buckets_that_have_filled_are_forgotten_within_minute()
    {
        var clock = new FakeTimeProvider();
        var (buckets, size) = (new TokenBuckets(clock, limit: 100), new BucketSize(burst: 2, perSecond: 1));
        Take(buckets, size, 0, 50);
        Assert.Equal(50, buckets.Count);
        clock.Advance(TimeSpan.FromMinutes(1));
        Take(buckets, size, 50, 1);
        Assert.Equal(1, buckets.Count);
    }

    [Fact]
    public void Buckets_of_all_addresses_are_bounded_and_empty_ones_stay_longest()
    {
        var clock = new FakeTimeProvider();
        var (buckets, size) = (new TokenBuckets(clock, limit: 100), new BucketSize(burst: 2, perSecond: 0.001));
        Take(buckets, size, 0, 1);
        Take(buckets, size, 0, 1);
        Take(buckets, size, 1, 100);
        Assert.InRange(buckets.Count, 1, 50);
        Assert.NotEqual(TimeSpan.Zero, buckets.TakeOrWait([KeyOf(size, 0)]));
        Take(buckets, size, 1000, 10_000);
        Assert.InRange(buckets.Count, 1, 100);
    }

    private static AuthServerApp NewApp(params (string, string)[] settings) => new(
    [
        ("RateLimits:Enabled", "true"), ("RateLimits:NetworkFactor", "2"),
        ("RateLimits:Credentials:Burst", "2"), ("RateLimits:Credentials:PerSecond", "1"), .. settings,
    ]);

    private static string TokenOf(AuthServerApp app, Guid user)
    {
        var keys = app.Get<DeviceKeyRing>();
        return DeviceToken.Issue(Guid.NewGuid(), user, Guid.NewGuid(), app.Clock.GetUtcNow(), keys).Encode(keys);
    }

    /// <summary>Sends requests and returns the number of those that were not refused by a limit.</summary>
    private static async Task<int> AdmittedAsync(
        AuthServerApp app, string? address, int count, string path = "/login", string? device = null)
    {
        var admitted = 0;
        for (var i = 0; i < count; i++)
        {
            var response = await SendAsync(app, address, path, device);
            Assert.InRange(response.StatusCode, 400, 429);
            admitted += response.StatusCode == StatusCodes.Status429TooManyRequests ? 0 : 1;
        }

        return admitted;
    }

    /// <summary>Sends a request that is refused by a limit, and returns the seconds of its <c>Retry-After</c>.</summary>
    private static async Task<int> WaitAsync(
        AuthServerApp app, string? address, string path = "/login", string? device = null)
    {
        var response = await SendAsync(app, address, path, device);
        Assert.Equal(StatusCodes.Status429TooManyRequests, response.StatusCode);
        return int.Parse(response.Headers.RetryAfter.ToString(), CultureInfo.InvariantCulture);
    }

    // No password is hashed for this body.
    private static async Task<HttpResponse> SendAsync(AuthServerApp app, string? address, string path, string? device) =>
        (await app.Server.SendAsync(
            http =>
            {
                http.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
                http.Request.Method = HttpMethods.Post;
                http.Request.Path = path;
                http.Request.ContentType = "application/json";
                http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes("{}"));
                if (device is not null)
                {
                    http.Request.Headers[DeviceTokens.Header] = device;
                }
            },
            Ct)).Response;

    private static BucketKey KeyOf(BucketSize size, int network) =>
        new(size, new IPNetwork(new IPAddress([10, (byte)(network >> 16), (byte)(network >> 8), (byte)network]), 32));

    private static void Take(TokenBuckets buckets, BucketSize size, int first, int count)
    {
        for (var network = first; network < first + count; network++)
        {
            Assert.Equal(TimeSpan.Zero, buckets.TakeOrWait([KeyOf(size, network)]));
        }
    }
}
