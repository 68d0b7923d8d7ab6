using System.Net.Http.Headers;
using AuthServer.Pages;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.Extensions.Hosting;

namespace AuthServer.Tests;

/// <summary>The feed of ended sessions, as the page for developers hears it.</summary>
public sealed class PlaygroundFeedTests
{
    private const string Path = "/playground/ended";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_hears_end_of_its_own_session_and_no_other()
    {
        await using var app = new AuthServerApp();
        var (ada, phone, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        await bob.LogoutAsync();
        await using var feed = await ListenAsync(app, ada);
        await feed.ShouldBeatAsync();
        await phone.LogoutAsync();
        await (await app.LogInAsync("bob")).SendAsync(HttpMethod.Post, "/logout/all");
        await ada.LogoutAsync();
        await feed.ShouldHearAsync(ada.SessionId, "logout");
        await feed.ShouldEndAsync();
        Assert.Equal(0, app.Get<SessionFeedService>().Count);
    }

    [Fact]
    public async Task Theft_is_heard_with_its_reason()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await using var feed = await ListenAsync(app, ada);
        await feed.ShouldBeatAsync();
        var stolen = ada.Pair.RefreshToken;
        await ada.RefreshAsync();
        await ada.RefreshAsync();
        await (await ada.PresentAsync(stolen)).ShouldBeProblemAsync(401, "refresh_token_reused");
        await feed.ShouldHearAsync(ada.SessionId, "reused");
        await feed.ShouldEndAsync();
    }

    [Fact]
    public async Task Logout_by_another_device_is_heard()
    {
        await using var app = new AuthServerApp();
        var (ada, phone) = (await app.LogInAsync("ada"), await app.LogInAsync("ada"));
        await using var feed = await ListenAsync(app, ada);
        await feed.ShouldBeatAsync();
        await phone.SendAsync(HttpMethod.Delete, $"/sessions/{ada.SessionId}");
        await feed.ShouldHearAsync(ada.SessionId, "revoked");
    }

    [Fact]
    public async Task Page_without_live_session_hears_nothing()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        await (await app.CreateClient().GetAsync(new Uri(Path, UriKind.Relative), Ct))
            .ShouldBeProblemAsync(401, "access_token_missing");
        await ada.LogoutAsync();
        await (await ada.GetAsync(Path)).ShouldBeProblemAsync(401, "session_ended");
    }

    [Theory]
    [InlineData("Production", "")]
    [InlineData("Development", "false")]
    public async Task Route_is_missing_unless_page_is_served(string environment, string enabled)
    {
        await using var app = new AuthServerApp(
            enabled.Length > 0
                ? [("environment", environment), ("Playground:Enabled", enabled)]
                : [("environment", environment)]);
        var ada = await app.LogInAsync("ada");
        await (await ada.GetAsync(Path)).ShouldBeProblemAsync(404, "not_found");
        Assert.DoesNotContain(RouteTable.Of(app, "0"), route => route.Path.StartsWith("/playground", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_has_to_ask_again_after_ten_minutes()
    {
        await using var app = new AuthServerApp();
        await using var feed = await ListenAsync(app, await app.LogInAsync("ada"));
        await feed.ShouldBeatAsync();
        app.Clock.Advance(SessionFeedService.BeatInterval);
        await feed.ShouldBeatAsync();
        app.Clock.Advance(PlaygroundFeedService.LongestTime - SessionFeedService.BeatInterval);
        Assert.All(await feed.RestAsync(), type => Assert.Equal("beat", type));
    }

    [Fact]
    public async Task Server_that_begins_to_stop_closes_feed()
    {
        await using var app = new AuthServerApp();
        await using var feed = await ListenAsync(app, await app.LogInAsync("ada"));
        await feed.ShouldBeatAsync();
        app.Get<IHostApplicationLifetime>().StopApplication();
        await feed.ShouldEndAsync();
    }

    [Fact]
    public async Task Pages_beyond_limit_are_refused_until_one_leaves()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var feed = app.Get<PlaygroundFeedService>();
        var pages = Enumerable.Range(0, PlaygroundFeedService.MaxPages)
            .Select(_ => feed.ListenAsync(ada.SessionId, Ct).GetAsyncEnumerator(Ct)).ToList();
        foreach (var page in pages)
        {
            Assert.True(await page.MoveNextAsync());
        }

        await (await ada.GetAsync(Path)).ShouldBeProblemAsync(503, "unavailable");
        await pages[0].DisposeAsync();
        await using (var another = await ListenAsync(app, ada))
        {
            await another.ShouldBeatAsync();
        }

        foreach (var page in pages.Skip(1))
        {
            await page.DisposeAsync();
        }
    }

    [Fact]
    public async Task Head_of_feed_is_answered_at_once()
    {
        await using var app = new AuthServerApp();
        var ada = await app.LogInAsync("ada");
        var response = await ada.SendAsync(HttpMethod.Head, Path);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
    }

    private static async Task<FeedListener> ListenAsync(AuthServerApp app, LoggedInDevice device)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path)
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", device.Pair.AccessToken) },
        };
        return await FeedListener.OpenAsync(app.CreateClient(), request);
    }
}
