using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Tokens;
using Microsoft.Extensions.Options;

namespace AuthServer.Sessions;

/// <summary>
/// Genuine handles that were presented lately, by their text, with what was read of their sessions. Safe to share.
/// </summary>
internal sealed class HandleCache(IOptions<TokenOptions> options, TimeProvider clock)
    : TokenCache<PresentedHandle>(options.Value.AccessLifetime, clock, MostSessions)
{
    // A node with more than twice as many in use within an access lifetime reads some of them more often.
    private const int MostSessions = 16_384;
}

/// <summary>A genuine handle. Requests that present it at once share one reading of its session. Safe to share.</summary>
/// <param name="handle">The handle.</param>
/// <param name="keys">The keys that it was read with.</param>
internal sealed class PresentedHandle(SessionHandle handle, SessionHandleKeyRing keys)
{
    private readonly Lock beginning = new();
    private volatile SessionReading? last;

    public SessionHandle Handle => handle;

    /// <summary>The keys that the handle was last read with. They change when one is revoked.</summary>
    public SessionHandleKeyRing Keys { get; set; } = keys;

    /// <summary>The last reading of the session; null if there was none.</summary>
    public SessionReading? Last => last;

    /// <summary>The last reading if it still counts, or else a new one.</summary>
    public SessionReading Read(Func<SessionReading, bool> counts, Func<SessionReading> begin)
    {
        lock (beginning)
        {
            return last is { } known && counts(known) ? known : last = begin();
        }
    }
}

/// <summary>A reading of a session by its handle.</summary>
/// <param name="BegunAt">The moment when it began, as a timestamp of the clock.</param>
/// <param name="Moment">The same moment, as time of the day: timestamps stand still while a machine sleeps.</param>
/// <param name="Resets">Number of <see cref="Storage.SessionEpochs.Resets"/> when it began.</param>
/// <param name="Caller">The caller, or the refusal.</param>
internal sealed record SessionReading(
    long BegunAt, DateTimeOffset Moment, int Resets, Task<Outcome<ValidatedToken>> Caller);
