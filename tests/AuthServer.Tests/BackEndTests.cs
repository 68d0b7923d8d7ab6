using System.Net;
using System.Text;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AuthServer.Tests;

/// <summary>A back end with the package <c>AuthServer.Bearer</c>, which hears of ended sessions.</summary>
public sealed class BackEndTests
{
    private static readonly (string, string) PublicKeys = ("Tokens:Algorithm", "ES256");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task Token_is_accepted_by_public_key_until_it_expires(string algorithm)
    {
        await using var app = new AuthServerApp(("Tokens:Algorithm", algorithm));
        await using var orders = await BackEnd.StartAsync(app);
        var ada = await app.LogInAsync("ada");
        Assert.Equal("The orders of ada.", await TextAsync(await orders.GetOrdersAsync(ada.Pair.AccessToken)));
        await (await orders.GetOrdersAsync(ada.Pair.AccessToken + "A")).ShouldBeProblemAsync(401, "access_token_invalid");
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Fact]
    public async Task Ended_session_is_refused_as_soon_as_it_is_heard()
    {
        await using var app = new AuthServerApp(PublicKeys);
        await using var orders = await BackEnd.StartAsync(app);
        await Eventually.BecomesAsync(() => orders.IsListening);
        Assert.Equal(HealthStatus.Healthy, await orders.CheckAsync());
        var ada = await app.LogInAsync("ada");
        (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
        await ada.LogoutAsync();
        await Eventually.BecomesAsync(() => orders.Ended == 1);
        await (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Session_that_ended_before_back_end_started_is_refused()
    {
        await using var app = new AuthServerApp(PublicKeys);
        var ada = await app.LogInAsync("ada");
        await ada.LogoutAsync();
        await using var orders = await BackEnd.StartAsync(app);
        await Eventually.BecomesAsync(() => orders.IsListening);
        await (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBeEndedAsync("logout");
    }

    [Fact]
    public async Task Back_end_that_does_not_hear_goes_on_and_is_degraded()
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var cut = new Backchannel(app) { Path = Backchannel.Feed };
        await using var orders = await BackEnd.StartAsync(app, cut);
        var ada = await app.LogInAsync("ada");
        await ada.LogoutAsync();
        (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(HealthStatus.Degraded, await orders.CheckAsync());
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBeProblemAsync(401, "access_token_expired");
    }

    [Fact]
    public async Task End_during_cut_is_heard_after_it()
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var cut = new Backchannel(app) { Path = Backchannel.Feed };
        await using var orders = await BackEnd.StartAsync(app, cut);
        var ada = await app.LogInAsync("ada");
        await ada.LogoutAsync();
        await ReconnectAsync(app, orders, cut);
        await (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBeEndedAsync("logout");
        Assert.Single(orders.Log.Lines, line => line.Event == "FeedLost");
    }

    [Fact]
    public async Task Silent_feed_is_lost()
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var silent = new Backchannel(app)
        {
            Path = Backchannel.Feed,
            Answer = Backchannel.Events(new SilentStream("event: beat\ndata: {}\n\n")),
        };
        await using var orders = await BackEnd.StartAsync(app, silent);
        await Eventually.BecomesAsync(() => orders.IsListening);
        app.Clock.Advance(TimeSpan.FromSeconds(12));
        await Eventually.BecomesAsync(() => !orders.IsListening);
    }

    [Theory]
    [InlineData("event: ended\ndata: {}\n\n")]
    [InlineData("event: ended\ndata: garbage\n\n")]
    [InlineData("event: ended\ndata: {\"sid\":1,\"endedAt\":2,\"reason\":3}\n\n")]
    public async Task Feed_of_another_kind_does_not_stop_back_end(string feed)
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var wrong = new Backchannel(app)
        {
            Path = Backchannel.Feed,
            Answer = Backchannel.Events(new MemoryStream(Encoding.UTF8.GetBytes(feed))),
        };
        await using var orders = await BackEnd.StartAsync(app, wrong);
        await ReconnectAsync(app, orders, wrong);
    }

    [Fact]
    public async Task Answer_that_is_no_feed_is_not_heard()
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var page = new Backchannel(app)
        {
            Path = Backchannel.Feed,
            Answer = Backchannel.Text("event: beat\ndata: {}\n\n"),
        };
        await using var orders = await BackEnd.StartAsync(app, page);
        await Eventually.BecomesAsync(() => orders.Log.Lines.Any(line => line.Event == "FeedLost"));
        Assert.False(orders.IsListening);
    }

    [Fact]
    public async Task Change_of_keys_during_cut_is_learned_after_it()
    {
        await using var app = new AuthServerApp(PublicKeys);
        using var cut = new Backchannel(app) { Path = Backchannel.Feed };
        await using var orders = await BackEnd.StartAsync(app, cut);
        var ada = await app.LogInAsync("ada");
        (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
        await app.Get<AccessKeyService>().WithdrawAsync(1, Ct);
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        await ReconnectAsync(app, orders, cut);
        await orders.GetOrdersUntilAsync(ada.Pair.AccessToken, 401);
    }

    [Fact]
    public async Task Token_of_withdrawn_key_is_refused_when_feed_says_so()
    {
        await using var app = new AuthServerApp(PublicKeys);
        await using var orders = await BackEnd.StartAsync(app);
        await Eventually.BecomesAsync(() => orders.IsListening);
        var ada = await app.LogInAsync("ada");
        (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBe(HttpStatusCode.OK);
        await app.Get<AccessKeyService>().WithdrawAsync(1, Ct);
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        await orders.GetOrdersUntilAsync(ada.Pair.AccessToken, 401);
        await (await orders.GetOrdersAsync(ada.Pair.AccessToken)).ShouldBeProblemAsync(401, "access_token_invalid");
        (await orders.GetOrdersAsync((await ada.RefreshAsync()).AccessToken)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Route_may_require_fresh_proof()
    {
        await using var app = new AuthServerApp(PublicKeys);
        await using var orders = await BackEnd.StartAsync(app);
        var ada = await app.LogInAsync("ada");
        (await orders.GetOrdersAsync(ada.Pair.AccessToken, "/fresh")).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        (await orders.GetOrdersAsync((await ada.RefreshAsync()).AccessToken, "/fresh")).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var later = (await ada.RefreshAsync()).AccessToken;
        await (await orders.GetOrdersAsync(later, "/fresh")).ShouldBeProblemAsync(403, "reauthentication_required");
        await (await orders.GetOrdersAsync(later, "/editors")).ShouldBeProblemAsync(403, "forbidden");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Route_that_requires_fresh_proof_takes_session_that_reauthenticated(bool sendsRefreshToken)
    {
        await using var app = new AuthServerApp(PublicKeys);
        await using var orders = await BackEnd.StartAsync(app);
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        var before = await ada.RefreshAsync();
        var refused = await orders.GetOrdersAsync(before.AccessToken, "/fresh");
        await refused.ShouldBeProblemAsync(403, "reauthentication_required");

        var refreshToken = sendsRefreshToken ? before.RefreshToken : null;
        var proof = new { AuthServerApp.Password, refreshToken };
        var answer = await ada.SendAsync(HttpMethod.Post, "/reauthenticate", proof);
        var after = sendsRefreshToken ? await answer.ShouldBePairAsync() : await ada.RefreshAsync();
        (await orders.GetOrdersAsync(after.AccessToken, "/fresh")).ShouldBe(HttpStatusCode.OK);
        refused = await orders.GetOrdersAsync(before.AccessToken, "/fresh");
        await refused.ShouldBeProblemAsync(403, "reauthentication_required");
    }

    // The clock moves only until the next attempt, or the tokens would expire.
    private static async Task ReconnectAsync(AuthServerApp app, BackEnd orders, Backchannel cut)
    {
        await Eventually.BecomesAsync(() => orders.Log.Lines.Any(line => line.Event == "FeedLost"));
        cut.Path = null;
        var before = cut.Count;
        await Eventually.BecomesAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(50));
            return cut.Count > before;
        });
        await Eventually.BecomesAsync(() => orders.IsListening);
    }

    private static Task<string> TextAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(Ct);
}
