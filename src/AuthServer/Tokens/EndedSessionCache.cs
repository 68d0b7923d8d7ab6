using System.Collections.Concurrent;
using AuthServer.Core;
using AuthServer.Storage;
using Microsoft.Extensions.Options;

namespace AuthServer.Tokens;

/// <summary>
/// The sessions that ended within the life of an access token, in memory: what a stateless token can't say of itself. Longer
/// memory is not needed, for by then their last tokens have expired. Safe to share.
/// </summary>
internal sealed class EndedSessionCache(IOptions<TokenOptions> options, TimeProvider clock) : ISessionEndListener
{
    private readonly ConcurrentDictionary<Guid, EndReason> reasons = new();
    private readonly Queue<(Guid SessionId, DateTimeOffset Latest, long At)> byAge = new();

    // The latest moment that any decision was made at, and so the latest iat of any token.
    private DateTimeOffset latest;

    /// <summary>
    /// How long an end is remembered: one access lifetime and twice <see cref="AccessTokenRules.ClockTolerance"/>, for the clock of the node
    /// that made a token may be ahead by that and this one's behind.
    /// </summary>
    public TimeSpan Memory => options.Value.AccessLifetime + (2 * AccessTokenRules.ClockTolerance);

    /// <summary>How many ends are remembered.</summary>
    public int Count => reasons.Count;

    /// <summary>Why a session ended; null where it lives or ended too long ago for any token to be alive.</summary>
    public EndReason? ReasonOf(Guid sessionId) => reasons.TryGetValue(sessionId, out var reason) ? reason : null;

    public void OnEnded(IReadOnlyList<SessionEnd> ends)
    {
        lock (byAge)
        {
            var (now, at) = (clock.GetUtcNow(), clock.GetTimestamp());
            latest = now > latest ? now : latest;
            foreach (var end in ends)
            {
                // An end may be told of more than once, and is remembered from the first time.
                if (reasons.TryAdd(end.SessionId, end.Reason))
                {
                    byAge.Enqueue((end.SessionId, latest, at));
                }
            }

            // By both clocks, for one that was set back or forward must bring no token of an ended session to life.
            while (byAge.TryPeek(out var oldest) && now - oldest.Latest > Memory && clock.GetElapsedTime(oldest.At, at) > Memory)
            {
                reasons.TryRemove(byAge.Dequeue().SessionId, out _);
            }
        }
    }
}
