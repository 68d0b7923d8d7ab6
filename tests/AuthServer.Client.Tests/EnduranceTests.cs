using System.Net;
using System.Text.Json;
using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>The client over a long time, against the real server on Kestrel.</summary>
public sealed class EnduranceTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Thousand_requests_over_hundred_lifetimes_succeed_with_wrong_clock(int hours)
    {
        await using var server = await RealServer.StartAsync(("Tokens:AccessLifetime", "00:00:02"));
        await using var device = server.NewDevice(setup => setup.Clock = new DeviceClock { Error = TimeSpan.FromHours(hours) });
        await device.LoginAsync();
        for (var i = 0; i < 1000; i++)
        {
            server.Advance(device, Lifetime / 10);
            using var answer = await device.GetAsync();
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var issued = server.Proxy.Passages
            .Where(passage => passage.Path is "login" or "refresh")
            .Select(passage => AccessTokenIn(passage.Body!))
            .ToList();
        var rotations = await server.RotationsOfAsync(device);
        TestContext.Current.TestOutputHelper?.WriteLine($"{issued.Count} access tokens, {rotations} rotations");
        Assert.Equal(issued.Count, issued.Distinct().Count());
        Assert.Equal(issued.Count - 1, (int)rotations);
        Assert.InRange(issued.Count, 101, 251);
        Assert.DoesNotContain(server.Proxy.Passages, passage => passage.Status == 401);
        Assert.All(server.Proxy.Refreshes, refresh => Assert.Null(refresh.Authorization));
        Assert.Empty(device.Ended);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_hundred_requests_on_expired_token_cause_one_refresh(bool deviceSlept)
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        server.App.Clock.Advance(TimeSpan.FromSeconds(20));

        // If both clocks of a device stop while it sleeps, the server finds the token expired.
        device.Clock.Advance(deviceSlept ? TimeSpan.Zero : TimeSpan.FromSeconds(20));

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => device.GetAsync()));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Single(server.Proxy.Refreshes);
        Assert.Equal(1u, await server.RotationsOfAsync(device));
        Assert.Equal(deviceSlept, server.Proxy.Passages.Any(passage => passage.Status == 401));
    }

    [Fact]
    public async Task Loss_of_every_third_refresh_answer_keeps_session()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        server.Proxy.LosesAnswer = refresh => refresh % 3 == 0;
        for (var i = 0; i < 100; i++)
        {
            server.Advance(device, TimeSpan.FromSeconds(20));
            var request = device.GetAsync();
            await device.Clock.PassUntilAsync(request, time => server.Advance(device, time));
            using var answer = await request;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{server.Proxy.Refreshes.Count()} refreshes for 100 rotations");
        Assert.Equal(100u, await server.RotationsOfAsync(device));
        Assert.InRange(server.Proxy.Refreshes.Count(), 145, 155);
        Assert.Equal(0, await server.ReusesAsync());
        Assert.Empty(device.Ended);
    }

    [Fact]
    public async Task Server_away_for_two_minutes_keeps_session()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        server.Advance(device, TimeSpan.FromSeconds(20));
        server.Proxy.IsAway = true;

        var away = TimeSpan.Zero;
        while (away < TimeSpan.FromMinutes(2))
        {
            var request = device.GetAsync();
            var pauses = await device.Clock.PassUntilAsync(request, time => server.Advance(device, time));
            await Assert.ThrowsAsync<HttpRequestException>(() => request);
            Assert.NotEmpty(pauses);
            away += TimeSpan.FromTicks(pauses.Sum(pause => pause.Ticks));
        }

        Assert.True(await device.Auth.IsLoggedInAsync(TestContext.Current.CancellationToken));
        server.Proxy.IsAway = false;
        using var answer = await device.Clock.PassAsync(device.GetAsync());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1u, await server.RotationsOfAsync(device));
        Assert.Equal(0, await server.ReusesAsync());
        Assert.Empty(device.Ended);
    }

    private static string AccessTokenIn(string body) =>
        JsonDocument.Parse(body).RootElement.GetProperty("accessToken").GetString()!;
}
