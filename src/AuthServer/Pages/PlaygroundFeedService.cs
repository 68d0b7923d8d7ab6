using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AuthServer.Tokens;

namespace AuthServer.Pages;

/// <summary>
/// The feed of back ends for the page for developers, which has no secret of a back end. A page hears of the end of one session
/// and of no other. Safe to share.
/// </summary>
internal sealed class PlaygroundFeedService(SessionFeedService feed, TimeProvider clock)
{
    /// <summary>Maximum number of pages that listen at this node. Each has a queue, and reads all ends.</summary>
    public const int MaxPages = 100;

    /// <summary>Time after which a page has to ask again, because its access token is checked only when it asks.</summary>
    public static readonly TimeSpan LongestTime = TimeSpan.FromMinutes(10);

    private int pages;

    /// <summary>True if a page may listen now.</summary>
    public bool IsAvailable => feed.HearsAllEnds && pages < MaxPages;

    /// <summary>The beats, the changes of keys, and the end of a session, which is the last event.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="ct">Ends it.</param>
    public async IAsyncEnumerable<SseItem<string>> ListenAsync(Guid sessionId, [EnumeratorCancellation] CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        Interlocked.Increment(ref pages);
        try
        {
            await foreach (var item in feed.ListenAsync(() => clock.GetElapsedTime(start) < LongestTime, ct))
            {
                if (item.EventType != SessionFeedService.EndedEvent)
                {
                    yield return item;
                }
                else if (JsonSerializer.Deserialize(item.Data, TokensJson.Default.EndedSession)!.Sid == sessionId)
                {
                    yield return item;
                    yield break;
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref pages);
        }
    }
}
