using System.Collections.Concurrent;
using AuthServer.Core;

namespace AuthServer.Bearer;

/// <summary>
/// Sessions that ended within the life of an access token, in memory: a stateless token can't say that its session has ended. An
/// end is evicted when the last token of its session has expired. Safe to share.
/// </summary>
internal sealed class EndedSessionCache(EndedSessionMemory memory, TimeProvider clock) : ISessionEndListener
{
    private readonly ConcurrentDictionary<Guid, SessionEnd> ends = new();
    private readonly Queue<(Guid SessionId, DateTimeOffset Latest, long At)> byAge = new();

    // The latest moment of any decision known here, and so the latest iat of any token.
    private DateTimeOffset latest;

    /// <summary>Number of ends that are remembered.</summary>
    public int Count => ends.Count;

    /// <summary>The ends that are remembered.</summary>
    public IEnumerable<SessionEnd> Recent => ends.Values;

    /// <summary>Raised with the ends that were not known before, after <see cref="Recent"/> has them.</summary>
    public event Action<IReadOnlyList<SessionEnd>>? Added;

    /// <summary>The reason why a session ended; null if it is live, or ended too long ago for any token to be accepted.</summary>
    public EndReason? ReasonOf(Guid sessionId) => ends.TryGetValue(sessionId, out var end) ? end.Reason : null;

    /// <inheritdoc/>
    public void OnEnded(IReadOnlyList<SessionEnd> ended)
    {
        // Most calls are of refreshes, which end nothing.
        List<SessionEnd>? added = null;
        lock (byAge)
        {
            var (now, at) = (clock.GetUtcNow(), clock.GetTimestamp());
            latest = now > latest ? now : latest;
            foreach (var end in ended)
            {
                // An end that is passed again is remembered from the first time. If a clock ahead of this node's stamped it, it
                // is kept for as long as the database returns it.
                if (ends.TryAdd(end.SessionId, end))
                {
                    byAge.Enqueue((end.SessionId, end.EndedAt > latest ? end.EndedAt : latest, at));
                    (added ??= []).Add(end);
                }
            }

            // Over by both clocks: a wall clock that was set must not revive a token of an ended session.
            while (byAge.TryPeek(out var oldest)
                && now - oldest.Latest > memory.Duration
                && clock.GetElapsedTime(oldest.At, at) > memory.Duration)
            {
                ends.TryRemove(byAge.Dequeue().SessionId, out _);
            }
        }

        if (added is not null)
        {
            Added?.Invoke(added);
        }
    }
}
