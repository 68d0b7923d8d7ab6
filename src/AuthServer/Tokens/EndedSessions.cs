using System.Collections.Concurrent;
using AuthServer.Core;
using AuthServer.Storage;
using Microsoft.Extensions.Options;

namespace AuthServer.Tokens;

/// <summary>
/// The sessions that ended within the life of an access token, in memory: what a stateless token can't say of itself. Longer
/// memory is not needed, for by then their last tokens have expired. Safe to share.
/// </summary>
internal sealed class EndedSessions(IOptions<TokenOptions> options, TimeProvider clock) : ISessionEndListener
{
    private readonly ConcurrentDictionary<Guid, EndReason> reasons = new();
    private readonly Queue<SessionEnd> byAge = new();

    /// <summary>How long an end is remembered: one access lifetime and <see cref="AccessTokenRules.ClockTolerance"/>.</summary>
    public TimeSpan Memory => options.Value.AccessLifetime + AccessTokenRules.ClockTolerance;

    /// <summary>How many ends are remembered.</summary>
    public int Count => reasons.Count;

    /// <summary>Why a session ended; null where it lives or ended too long ago for any token to be alive.</summary>
    public EndReason? ReasonOf(Guid sessionId) => reasons.TryGetValue(sessionId, out var reason) ? reason : null;

    public void OnEnded(IReadOnlyList<SessionEnd> ends)
    {
        lock (byAge)
        {
            foreach (var end in ends)
            {
                reasons[end.SessionId] = end.Reason;
                byAge.Enqueue(end);
            }

            // Ends come nearly in the order of their moments; one behind a later one is forgotten with that.
            var forgotten = clock.GetUtcNow() - Memory;
            while (byAge.TryPeek(out var oldest) && oldest.EndedAt < forgotten)
            {
                reasons.TryRemove(byAge.Dequeue().SessionId, out _);
            }
        }
    }
}
