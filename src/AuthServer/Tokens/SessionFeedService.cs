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
/// Notifies back ends of sessions that end and of keys that change. An end is put into one queue, so it waits for no listener.
/// From there it goes to a queue of each listener, and one that is too slow is cut off. Safe to share.
/// </summary>
internal sealed class SessionFeedService : BackgroundService
{
    /// <summary>Type of the event whose data is an <see cref="EndedSession"/>.</summary>
    public const string EndedEvent = "ended";

    /// <summary>Time between two beats.</summary>
    public static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(5);

    private const int QueueLength = 4096;

    // Of one whose queue is full. All others wait that long, once.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly SseItem<string> Beat = new("{}", "beat");
    private static readonly SseItem<string> Keys = new("{}", "keys");

    private readonly EndedSessionCache ended;
    private readonly AccessKeyRing keys;
    private readonly IStorageProvider provider;
    private readonly INodeCondition[] conditions;
    private readonly IHostApplicationLifetime lifetime;
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private readonly Channel<SseItem<string>> news = Channel.CreateUnbounded<SseItem<string>>(new() { SingleReader = true });
    private ImmutableArray<Listener> listeners = [];

    public SessionFeedService(
        EndedSessionCache ended,
        AccessKeyRing keys,
        IStorageProvider provider,
        IEnumerable<INodeCondition> conditions,
        IHostApplicationLifetime lifetime,
        AuthMeter meter,
        TimeProvider clock)
    {
        (this.ended, this.keys, this.provider, this.lifetime, this.clock) = (ended, keys, provider, lifetime, clock);
        this.conditions = [.. conditions];
        ended.Added += OnEnded;
        keys.Changed += OnKeysChanged;

        // A beat comes after the ends before it.
        timer = clock.CreateTimer(_ => Put(Beat), state: null, BeatInterval, BeatInterval);
        meter.ObserveFeed(() => Count);
    }

    /// <summary>Number of back ends that listen, and of pages for developers.</summary>
    public int Count => listeners.Length;

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

            if (MayBeat(listener))
            {
                yield return Beat;
            }
            else
            {
                listener.Close();
            }

            await foreach (var item in listener.Queue.ReadAllAsync(ct))
            {
                yield return item;
            }
        }
        finally
        {
            ImmutableInterlocked.Update(ref listeners, all => all.Remove(listener));
        }
    }

    public override void Dispose()
    {
        ended.Added -= OnEnded;
        keys.Changed -= OnKeysChanged;
        timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var item in news.Reader.ReadAllAsync(stoppingToken))
            {
                await SendToAllAsync(item);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || stoppingToken.IsCancellationRequested)
        {
            // The server stops, or did not finish its start. Whatever fails then is a consequence.
        }
    }

    private async Task SendToAllAsync(SseItem<string> item)
    {
        foreach (var listener in listeners)
        {
            if (item.EventType == Beat.EventType && !MayBeat(listener))
            {
                listener.Close();
            }
            else if (!listener.Send(item))
            {
                using var wait = new CancellationTokenSource(LongestWait, clock);
                await listener.SendAsync(item, wait.Token);
            }
        }
    }

    private static SseItem<string> ItemOf(SessionEnd end) => new(
        JsonSerializer.Serialize(EndedSession.Of(end), TokensJson.Default.EndedSession), EndedEvent);

    private bool MayBeat(Listener listener) => HearsAllEnds && listener.IsGenuine && !listener.IsClosed;

    private void OnEnded(IReadOnlyList<SessionEnd> ends)
    {
        if (!listeners.IsEmpty)
        {
            foreach (var end in ends)
            {
                Put(ItemOf(end));
            }
        }
    }

    private void OnKeysChanged() => Put(Keys);

    private void Put(SseItem<string> item) => news.Writer.TryWrite(item);

    private sealed class Listener(Func<bool> isGenuine)
    {
        private readonly Channel<SseItem<string>> queue = Channel.CreateBounded<SseItem<string>>(
            new BoundedChannelOptions(QueueLength) { SingleReader = true });

        public ChannelReader<SseItem<string>> Queue => queue.Reader;

        public bool IsGenuine => isGenuine();

        public bool IsClosed { get; private set; }

        /// <summary>False if the queue is full.</summary>
        public bool Send(SseItem<string> item) => queue.Writer.TryWrite(item) || IsClosed;

        /// <summary>Sends as soon as there is room. Closes the queue if there is none before it is canceled.</summary>
        public async Task SendAsync(SseItem<string> item, CancellationToken ct)
        {
            try
            {
                await queue.Writer.WriteAsync(item, ct);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
            {
                Close();
            }
        }

        public void Close()
        {
            IsClosed = true;
            queue.Writer.TryComplete();
        }
    }
}
