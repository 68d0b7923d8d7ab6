using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>Logs, exceptions and types, which show neither token nor password.</summary>
public sealed class SecrecyTests
{
    [Fact]
    public async Task Logs_and_exceptions_have_no_token_and_no_password()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = server.NewDevice();
        await device.LoginAsync();
        var store = device.Resolve<ITokenStore>();
        var deviceToken = (await store.ReadDeviceTokenAsync(TestContext.Current.CancellationToken))!;
        await device.LoginAsync();
        List<string> secrets = [Device.Password, (await device.GetTokenAsync())!, (await StoredAsync(device)).RefreshToken];
        secrets.AddRange([deviceToken, (await store.ReadDeviceTokenAsync(TestContext.Current.CancellationToken))!]);
        server.Advance(device, TimeSpan.FromSeconds(20));
        await device.GetAsync();
        secrets.AddRange([(await device.GetTokenAsync())!, (await StoredAsync(device)).RefreshToken]);

        server.Advance(device, TimeSpan.FromSeconds(20));
        server.Proxy.IsAway = true;
        var request = device.GetAsync();
        await device.Clock.PassUntilAsync(request);
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => request);
        server.Proxy.IsAway = false;
        server.Advance(device, TimeSpan.FromDays(15));
        await device.GetAsync();
        Assert.Equal("refresh_token_expired", Assert.Single(device.Ended).Code);

        var seen = string.Join('\n', device.Log.Lines.Select(line => line.Text)) + failure;
        Assert.Contains("could not be refreshed", seen, StringComparison.Ordinal);
        Assert.Contains("has ended", seen, StringComparison.Ordinal);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, seen, StringComparison.Ordinal));
    }

    [Fact]
    public void Type_that_holds_token_does_not_print_it()
    {
        var pair = new TokenPair("secret", 20, "secret", StubServer.Session) { DeviceToken = "secret" };
        object[] holders =
        [
            pair, pair.ToStored(), new AccessToken(pair, default), new RefreshTokenBody("secret"),
            new LoginBody("ada", "secret", null), new PasswordBody("secret", "secret", "secret", "secret"),
            new RegisterBody("ada", "secret", null, null),
        ];
        Assert.All(holders, holder => Assert.DoesNotContain("secret", holder.ToString(), StringComparison.Ordinal));
    }

    private static async Task<StoredSession> StoredAsync(Device device) =>
        (await device.Resolve<ITokenStore>().ReadAsync(TestContext.Current.CancellationToken))!;
}
