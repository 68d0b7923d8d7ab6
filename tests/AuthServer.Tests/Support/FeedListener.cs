using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace AuthServer.Tests.Support;

/// <summary>A feed of ended sessions, as its listener reads it.</summary>
public sealed class FeedListener : IAsyncDisposable
{
    private readonly HttpResponseMessage response;
    private readonly IAsyncEnumerator<SseItem<string>> items;

    private FeedListener(HttpResponseMessage response, IAsyncEnumerator<SseItem<string>> items) =>
        (this.response, this.items) = (response, items);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Sends a request, whose answer must be a feed.</summary>
    public static async Task<FeedListener> OpenAsync(HttpClient http, HttpRequestMessage request)
    {
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        response.ShouldBe(HttpStatusCode.OK);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var stream = await response.Content.ReadAsStreamAsync(Ct);
        return new FeedListener(response, SseParser.Create(stream).EnumerateAsync(Ct).GetAsyncEnumerator(Ct));
    }

    public async Task<SseItem<string>> NextAsync()
    {
        Assert.True(await items.MoveNextAsync(), "The feed has ended.");
        return items.Current;
    }

    public async Task ShouldBeatAsync() => Assert.Equal("beat", (await NextAsync()).EventType);

    /// <summary>Asserts that the next event is the end of a session.</summary>
    public async Task ShouldHearAsync(Guid session, string reason)
    {
        var item = await NextAsync();
        Assert.Equal("ended", item.EventType);
        var end = JsonDocument.Parse(item.Data).RootElement;
        Assert.Equal((session, reason), (end.GetProperty("sid").GetGuid(), end.GetProperty("reason").GetString()));
        Assert.Equal(TimeSpan.Zero, end.GetProperty("endedAt").GetDateTimeOffset().Offset);
    }

    /// <summary>The types of the events up to the end of the feed.</summary>
    public async Task<IReadOnlyList<string>> RestAsync()
    {
        var types = new List<string>();
        while (await items.MoveNextAsync())
        {
            types.Add(items.Current.EventType);
        }

        return types;
    }

    public async Task ShouldEndAsync() => Assert.False(await items.MoveNextAsync());

    public async ValueTask DisposeAsync()
    {
        await items.DisposeAsync();
        response.Dispose();
    }
}
