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
}
