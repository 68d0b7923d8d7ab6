using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Storage;
using AuthServer.Tests.Support;
using AuthServer.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AuthServer.Tests;

/// <summary>The feed of ended sessions, as back ends hear it.</summary>
public sealed class SessionFeedTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_end_is_heard_once_with_its_reason()
    {
        await using var app = new AuthServerApp();
        await using var feed = await ListenAsync(app);
        await feed.ShouldBeatAsync();
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        await ada.LogoutAsync();
        await feed.ShouldHearAsync(ada.SessionId, "logout");
        await ada.LogoutAsync();
        await bob.SendAsync(HttpMethod.Post, "/logout/all");
        await feed.ShouldHearAsync(bob.SessionId, "logout_all");
    }

    [Fact]
    public async Task Listener_first_hears_of_sessions_that_have_just_ended()
    {
        await using var app = new AuthServerApp();
        var (ada, bob) = (await app.LogInAsync("ada"), await app.LogInAsync("bob"));
        await ada.LogoutAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(31));
        await bob.LogoutAsync();
        await using var feed = await ListenAsync(app);
        await feed.ShouldHearAsync(bob.SessionId, "logout");
        await feed.ShouldBeatAsync();
    }

    [Fact]
    public async Task Change_of_keys_is_heard()
    {
        await using var app = new AuthServerApp();
        await using var feed = await ListenAsync(app);
        await feed.NextAsync();
        await app.Get<AccessKeyService>().RotateAsync(algorithm: null, signsNow: false, Ct);
        await app.Get<AccessKeyRing>().ReloadAsync(Ct);
        Assert.Equal("keys", (await feed.NextAsync()).EventType);
    }

    [Fact]
    public async Task Feed_beats_every_five_seconds_until_its_secret_is_replaced()
    {
        await using var app = new AuthServerApp();
        await using var feed = await ListenAsync(app);
        await feed.NextAsync();
        app.Clock.Advance(SessionFeedService.BeatInterval);
        await feed.ShouldBeatAsync();
        await app.Get<ResourceServerService>().ReplaceSecretAsync("orders", Ct);
        app.Clock.Advance(SessionFeedService.BeatInterval);
        await feed.ShouldEndAsync();
        Assert.Equal(0, app.Get<SessionFeedService>().Count);
    }

    [Fact]
    public async Task Slow_listener_is_cut_off_and_fast_one_hears_all()
    {
        await using var app = new AuthServerApp();
        var feed = app.Get<SessionFeedService>();
        await using var slow = await BeginAsync(app, feed);
        await using var fast = await BeginAsync(app, feed);
        var ended = Enumerable.Range(0, 5000).Select(_ => new SessionEnd(Guid.NewGuid(), EndReason.Logout, default));
        app.Get<EndedSessionCache>().OnEnded([.. ended]);
        var hearing = Task.Run(() => CountAsync(fast, 5000), Ct);
        await Eventually.BecomesAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return hearing.IsCompleted;
        });
        Assert.Equal(5000, await hearing);
        Assert.InRange(await CountAsync(slow, int.MaxValue), 4000, 4999);
        Assert.Equal(1, feed.Count);
    }

    [Fact]
    public async Task Burst_beyond_queue_is_heard_in_full()
    {
        await using var app = new AuthServerApp();
        await using var items = await BeginAsync(app, app.Get<SessionFeedService>());
        var ended = Enumerable.Range(0, 20_000).Select(_ => new SessionEnd(Guid.NewGuid(), EndReason.Logout, default));
        app.Get<EndedSessionCache>().OnEnded([.. ended]);
        Assert.Equal(20_000, await CountAsync(items, 20_000));
    }

    [Fact]
    public async Task Feed_closes_as_soon_as_server_begins_to_stop()
    {
        await using var app = new AuthServerApp();
        await using var items = await BeginAsync(app, app.Get<SessionFeedService>());
        app.Get<IHostApplicationLifetime>().StopApplication();
        Assert.False(await items.MoveNextAsync());
    }

    [Fact]
    public async Task Node_that_does_not_hear_other_nodes_does_not_beat()
    {
        await using var app = new AuthServerApp();
        var node = new Deafness();
        using var feed = ActivatorUtilities.CreateInstance<SessionFeedService>(
            app.Services, (object)new INodeCondition[] { node });
        await feed.StartAsync(Ct);
        await using var items = await BeginAsync(app, feed);
        app.Clock.Advance(SessionFeedService.BeatInterval);
        Assert.True(await items.MoveNextAsync());
        node.NotReadyReason = "It is deaf.";
        Assert.False(feed.HearsAllEnds);
        app.Clock.Advance(SessionFeedService.BeatInterval);
        Assert.False(await items.MoveNextAsync());
        await using var refused = feed.ListenAsync(() => true, Ct).GetAsyncEnumerator(Ct);
        Assert.False(await refused.MoveNextAsync());
    }

    [Fact]
    public async Task Head_of_feed_is_answered_at_once()
    {
        await using var app = new AuthServerApp();
        using var request = await RequestAsync(app, HttpMethod.Head);
        var response = await app.CreateClient().SendAsync(request, Ct);
        response.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Caller_without_secret_hears_nothing()
    {
        await using var app = new AuthServerApp();
        var refused = await app.CreateClient().GetAsync(new Uri("/sessions/ended", UriKind.Relative), Ct);
        await refused.ShouldBeProblemAsync(401, "invalid_credentials");
    }

    private static async Task<IAsyncEnumerator<SseItem<string>>> BeginAsync(AuthServerApp app, SessionFeedService feed)
    {
        app.CreateClient();
        var items = feed.ListenAsync(() => true, Ct).GetAsyncEnumerator(Ct);
        Assert.True(await items.MoveNextAsync());
        Assert.Equal("beat", items.Current.EventType);
        return items;
    }

    // The ends up to a number, or to the end of the feed.
    private static async Task<int> CountAsync(IAsyncEnumerator<SseItem<string>> items, int most)
    {
        var count = 0;
        while (count < most && await items.MoveNextAsync())
        {
            count += items.Current.EventType == "ended" ? 1 : 0;
        }

        return count;
    }

    private static async Task<HttpRequestMessage> RequestAsync(AuthServerApp app, HttpMethod method)
    {
        var secret = await app.Get<ResourceServerService>().AddAsync("orders", Ct);
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"orders:{secret}"));
        return new HttpRequestMessage(method, "/sessions/ended")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", credentials) },
        };
    }

    private static async Task<FeedListener> ListenAsync(AuthServerApp app)
    {
        using var request = await RequestAsync(app, HttpMethod.Get);
        return await FeedListener.OpenAsync(app.CreateClient(), request);
    }

    private sealed class Deafness : INodeCondition
    {
        public string? NotReadyReason { get; set; }

        public bool IsOfNodeAlone => true;
    }
}
