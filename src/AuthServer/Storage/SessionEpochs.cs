using System.Collections.Concurrent;
using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>The epoch that a session was raised to.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Epoch">Its new epoch.</param>
internal readonly record struct SessionEpoch(Guid SessionId, uint Epoch);

/// <summary>
/// Epochs that were raised lately, on whichever node. What a node read of such a session before is outdated. An epoch is
/// remembered for as long as the end of a session, and so until nothing that was read before is used any more. Safe to share.
/// </summary>
internal sealed class SessionEpochs(EndedSessionMemory memory, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, uint> epochs = new();
    private readonly Queue<(SessionEpoch Raised, long At)> byAge = new();
    private int resets;

    /// <summary>The epoch of a session as far as it is known here; 0 if it was not raised lately.</summary>
    public uint Of(Guid sessionId) => epochs.GetValueOrDefault(sessionId);

    /// <summary>Number of resets. What was read before the last one is outdated.</summary>
    public int Resets => Volatile.Read(ref resets);

    /// <summary>Notes an epoch that is durable.</summary>
    public void Raise(SessionEpoch raised)
    {
        epochs.AddOrUpdate(raised.SessionId, raised.Epoch, (_, known) => Math.Max(known, raised.Epoch));
        lock (byAge)
        {
            var now = clock.GetTimestamp();
            byAge.Enqueue((raised, now));
            while (byAge.TryPeek(out var oldest) && clock.GetElapsedTime(oldest.At, now) > memory.Duration)
            {
                byAge.Dequeue();

                // Unless it was raised again.
                epochs.TryRemove(KeyValuePair.Create(oldest.Raised.SessionId, oldest.Raised.Epoch));
            }
        }
    }

    /// <summary>Makes outdated what was read up to now: notifications may have been lost.</summary>
    public void Reset() => Interlocked.Increment(ref resets);
}
