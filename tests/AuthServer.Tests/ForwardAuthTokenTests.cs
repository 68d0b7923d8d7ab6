using AuthServer.Tests.Support;
using AuthServer.Tokens;
using static AuthServer.Tests.Support.GuardingProxy;

namespace AuthServer.Tests;

/// <summary>The tokens for an application that a proxy guards.</summary>
public sealed class ForwardAuthTokenTests : IAsyncDisposable
{
    private readonly AuthServerApp app = CreateServer();
    private readonly GuardingProxy proxy;

    public ForwardAuthTokenTests() => proxy = new GuardingProxy(app);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_is_for_application_alone()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var answer = await proxy.AskAsync(browser.Cookie);
        var (header, claims) = (TokenOf(answer), ClaimsOf(answer));
        Assert.Equal("Bearer", header.Scheme);
        Assert.Equal("application", claims.GetProperty("aud").GetString());
        Assert.Equal("ada", claims.GetProperty("preferred_username").GetString());
        Assert.Equal(["pwd"], claims.GetProperty("amr").EnumerateArray().Select(method => method.GetString()));
        Assert.Equal(20, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
        Assert.False(claims.TryGetProperty("auth_time", out _));
        Assert.Equal(header.Parameter, TokenOf(await proxy.AskAsync(browser.Cookie)).Parameter);

        using var me = new HttpRequestMessage(HttpMethod.Get, "/me") { Headers = { Authorization = header } };
        await (await app.CreateClient().SendAsync(me, Ct)).ShouldBeProblemAsync(401, "access_token_invalid");
        await (await proxy.AskAsync(null, headers: ("Authorization", header.ToString())))
            .ShouldBeProblemAsync(401, "access_token_invalid");
    }

    [Fact]
    public async Task Token_has_at_least_half_of_its_life_left()
    {
        app.Clock.Advance(TimeSpan.FromMilliseconds(900));
        var browser = await SessionBrowser.LogInAsync(app);
        for (var second = 0; second < 60; second++)
        {
            var left = ClaimsOf(await proxy.AskAsync(browser.Cookie)).GetProperty("exp").GetInt64()
                - app.Clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
            Assert.InRange(left, 9, 20);
            app.Clock.Advance(TimeSpan.FromMilliseconds(990));
        }
    }

    [Fact]
    public async Task Token_of_withdrawn_key_is_not_given_out_again()
    {
        var browser = await SessionBrowser.LogInAsync(app);
        var before = TokenOf(await proxy.AskAsync(browser.Cookie));
        await app.Get<AccessKeyService>().WithdrawAsync(1, Ct);
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        Assert.NotEqual(before, TokenOf(await proxy.AskAsync(browser.Cookie)));
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
