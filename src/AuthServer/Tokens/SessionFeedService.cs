using System.Collections.Immutable;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using AuthServer.Bearer;
using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Storage;

namespace AuthServer.Tokens;

/// <summary>The end of a session, as back ends hear of it.</summary>
/// <param name="Sid">The session's id.</param>
/// <param name="EndedAt">The moment of its end.</param>
/// <param name="Reason">The reason of its end.</param>
internal sealed record EndedSession(Guid Sid, DateTime EndedAt, string Reason)
{
    public static EndedSession Of(SessionEnd end) => new(
        end.SessionId, end.EndedAt.UtcDateTime, JsonNamingPolicy.SnakeCaseLower.ConvertName(end.Reason.ToString()));
}

/// <summary>
/// Notifies back ends of sessions that end and of keys that change. Each listener has a queue of its own. One that is too slow is
/// cut off, so it delays no end. Safe to share.
/// </summary>
internal sealed class SessionFeedService : IDisposable
{
    /// <summary>Time between two beats.</summary>
    public static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(5);

    private const int QueueLength = 4096;

    private static readonly SseItem<string> Beat = new("{}", "beat");
    private static readonly SseItem<string> Keys = new("{}", "keys");

    private readonly EndedSessionCache ended;
    private readonly AccessKeyRing keys;
    private readonly IStorageProvider provider;
    private readonly INodeCondition[] conditions;
    private readonly IHostApplicationLifetime lifetime;
    private readonly ITimer timer;
    private ImmutableList<Listener> listeners = [];

    public SessionFeedService(
        EndedSessionCache ended,
        AccessKeyRing keys,
        IStorageProvider provider,
        IEnumerable<INodeCondition> conditions,
        IHostApplicationLifetime lifetime,
        AuthMeter meter,
        TimeProvider clock)
    {
        (this.ended, this.keys, this.provider, this.lifetime) = (ended, keys, provider, lifetime);
        this.conditions = [.. conditions];
        ended.Added += OnEnded;
        keys.Changed += OnKeysChanged;
        timer = clock.CreateTimer(_ => OnBeat(), state: null, BeatInterval, BeatInterval);
        meter.ObserveFeed(() => Count);
    }

    /// <summary>Number of back ends that listen.</summary>
    public int Count => listeners.Count;

    /// <summary>True if this node hears of all ends, those of other nodes included.</summary>
    public bool HearsAllEnds =>
        provider.NotReadyReason is null && Array.TrueForAll(conditions, condition => condition.NotReadyReason is null);

    /// <summary>
    /// The sessions that have just ended, then each as it ends, and beats. A listener that is too slow is cut off. So is one
    /// whose credentials are no longer genuine. All are, if this node no longer hears of all ends, or stops.
    /// </summary>
    /// <param name="isGenuine">True while the credentials of the listener are genuine.</param>
    /// <param name="ct">Ends it.</param>
    public async IAsyncEnumerable<SseItem<string>> ListenAsync(
        Func<bool> isGenuine, [EnumeratorCancellation] CancellationToken ct)
    {
        var listener = new Listener(isGenuine);
        ImmutableInterlocked.Update(ref listeners, all => all.Add(listener));
        await using var registration = lifetime.ApplicationStopping.Register(listener.Close);
        try
        {
            // Listening has begun, so an end is passed twice rather than never.
            foreach (var end in ended.Recent)
            {
                yield return ItemOf(end);
            }

            yield return Beat;
            await foreach (var item in listener.ReadAllAsync(ct))
            {
                yield return item;
            }
        }
        finally
        {
            ImmutableInterlocked.Update(ref listeners, all => all.Remove(listener));
        }
    }

    public void Dispose()
    {
        ended.Added -= OnEnded;
        keys.Changed -= OnKeysChanged;
        timer.Dispose();
    }

    private static SseItem<string> ItemOf(SessionEnd end) => new(
        JsonSerializer.Serialize(EndedSession.Of(end), TokensJson.Default.EndedSession), "ended");

    private void OnEnded(SessionEnd end)
    {
        if (listeners is { IsEmpty: false } all)
        {
            var item = ItemOf(end);
            all.ForEach(listener => listener.Send(item));
        }
    }

    private void OnKeysChanged() => listeners.ForEach(listener => listener.Send(Keys));

    private void OnBeat()
    {
        var hears = HearsAllEnds;
        foreach (var listener in listeners)
        {
            if (hears && listener.IsGenuine)
            {
                listener.Send(Beat);
            }
            else
            {
                listener.Close();
            }
        }
    }

    private sealed class Listener(Func<bool> isGenuine)
    {
        private readonly Channel<SseItem<string>> queue = Channel.CreateBounded<SseItem<string>>(
            new BoundedChannelOptions(QueueLength) { SingleReader = true });

        public bool IsGenuine => isGenuine();

        public IAsyncEnumerable<SseItem<string>> ReadAllAsync(CancellationToken ct) => queue.Reader.ReadAllAsync(ct);

        public void Send(SseItem<string> item)
        {
            if (!queue.Writer.TryWrite(item))
            {
                Close();
            }
        }

        public void Close() => queue.Writer.TryComplete();
    }
}
