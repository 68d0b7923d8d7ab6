using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>A server that wants to be left alone for longer than a refresh has patience.</summary>
public sealed class RestTests
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Server_is_not_asked_before_it_wants_to_be(int status)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        server.OnRefresh = (n, _) => Task.FromResult(
            n == 1 ? StubServer.Busy(status, new(TimeSpan.FromMinutes(1))) : StubServer.Pair(n));
        var first = await Assert.ThrowsAsync<AuthServerException>(device.GetTokenAsync);
        for (var i = 0; i < 50; i++)
        {
            Assert.Same(first, await Assert.ThrowsAsync<AuthServerException>(device.GetTokenAsync));
        }

        device.Clock.Advance(TimeSpan.FromSeconds(59.999));
        await Assert.ThrowsAsync<AuthServerException>(device.GetTokenAsync);
        Assert.Single(server.Refreshes);
        device.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("a2", await device.GetTokenAsync());
        Assert.Equal(["r0", "r0"], server.Presented);
        Assert.Empty(device.Ended);
    }

    [Fact]
    public async Task Login_ends_the_rest()
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        server.OnRefresh = (n, _) => Task.FromResult(
            n == 1 ? StubServer.Busy(503, new(TimeSpan.FromHours(1))) : StubServer.Pair(n));
        await Assert.ThrowsAsync<AuthServerException>(device.GetTokenAsync);
        await device.LoginAsync();
        device.Clock.Advance(Life);
        Assert.Equal("a2", await device.GetTokenAsync());
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Server_that_says_when_to_come_back_is_left_alone_until_then(int status)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        server.OnRefresh = (n, _) => Task.FromResult(
            n == 1 ? StubServer.Busy(status, new(TimeSpan.FromSeconds(7))) : StubServer.Pair(n));
        var token = device.GetTokenAsync();
        var pause = Assert.Single(await device.Clock.PassUntilAsync(token));
        Assert.InRange(pause.TotalSeconds, 7.1, 7.3);
        Assert.Equal("a2", await token);
    }

    [Theory]
    [InlineData(503, 60)]
    [InlineData(502, 0)]
    public async Task Nobody_puts_the_client_to_rest_for_longer_than_a_minute(int status, int seconds)
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        server.OnRefresh = (n, _) => Task.FromResult(n == 1 ? StubServer.Busy(status, new(TimeSpan.FromDays(365))) : StubServer.Pair(n));
        await Assert.ThrowsAsync<AuthServerException>(device.GetTokenAsync);
        if (seconds > 0)
        {
            device.Clock.Advance(TimeSpan.FromSeconds(seconds - 1));
            await Assert.ThrowsAsync<AuthServerException>(device.GetTokenAsync);
            Assert.Single(server.Refreshes);
            device.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("a2", await device.GetTokenAsync());
    }

    [Fact]
    public async Task Date_to_come_back_at_is_measured_by_the_clock_of_the_answer()
    {
        using var server = new StubServer();
        await using var device = await server.SignInAsync();
        device.Clock.Advance(Life);
        var date = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
        server.OnRefresh = (_, _) => Task.FromResult(StubServer.Busy(503, new(date.AddMinutes(10)), date));
        var failure = await Assert.ThrowsAsync<AuthServerException>(device.GetTokenAsync);
        Assert.Equal(TimeSpan.FromMinutes(10), failure.RetryAfter);
        Assert.Single(server.Refreshes);
    }
}
