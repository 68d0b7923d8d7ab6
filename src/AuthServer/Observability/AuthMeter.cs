using System.Diagnostics.Metrics;
using System.Text.Json;
using AuthServer.Core;

namespace AuthServer.Observability;

/// <summary>
/// Metrics of the server's own work. A tag has few values, which are known beforehand: never a user, a token, an id or an
/// address. Thread-safe.
/// </summary>
internal sealed class AuthMeter
{
    public const string Name = "AuthServer";

    /// <summary>Buckets of all durations, in seconds: fine around the time of a refresh, and up to the longest timeout.</summary>
    public static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Meter meter;
    private readonly Counter<long> logins;
    private readonly Counter<long> refreshes;
    private readonly Counter<long> sessionsEnded;
    private readonly Counter<long> mails;
    private readonly Histogram<int> batchSize;
    private readonly Histogram<double> queueWait;
    private readonly Histogram<double> commitDuration;
    private readonly Histogram<double> hashingWait;
    private readonly Histogram<double> hashingDuration;

    public AuthMeter(IMeterFactory meters)
    {
        meter = meters.Create(Name);
        logins = meter.CreateCounter<long>("authserver.logins", "{login}", "Logins by outcome.");
        refreshes = meter.CreateCounter<long>("authserver.refreshes", "{refresh}", "Refreshes by decision.");
        sessionsEnded = meter.CreateCounter<long>("authserver.sessions.ended", "{session}", "Ended sessions by reason.");
        mails = meter.CreateCounter<long>("authserver.mails", "{mail}", "Attempts to send a mail, by kind and outcome.");
        batchSize = meter.CreateHistogram(
            "authserver.writer.batch.size", "{command}", "Commands of one commit.", tags: null,
            new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });
        queueWait = CreateDuration("authserver.writer.queue.wait", "Wait of the oldest command of a batch for its transaction.");
        commitDuration = CreateDuration("authserver.writer.commit.duration", "Transaction of a batch, up to its durable commit.");
        hashingWait = CreateDuration("authserver.hashing.wait", "Wait of a password for a hashing thread.");
        hashingDuration = CreateDuration("authserver.hashing.duration", "Hashing or verifying one password.");
    }

    /// <summary>Observes the queues and the cache that grow under load, at each collection of metrics.</summary>
    /// <param name="writerQueue">Number of commands in the write queue.</param>
    /// <param name="hashingQueue">Number of passwords in the hash queue.</param>
    /// <param name="hashingRefused">Number of passwords that the hash queue has refused.</param>
    /// <param name="endedSessions">Number of ended sessions in the cache.</param>
    public void Watch(Func<int> writerQueue, Func<int> hashingQueue, Func<long> hashingRefused, Func<int> endedSessions)
    {
        meter.CreateObservableGauge("authserver.writer.queue.length", writerQueue, "{command}", "Commands in the write queue.");
        meter.CreateObservableGauge(
            "authserver.hashing.queue.length", hashingQueue, "{password}", "Passwords in the hash queue.");
        meter.CreateObservableCounter(
            "authserver.hashing.refused", hashingRefused, "{password}",
            "Passwords that were refused because too many waited before them.");
        meter.CreateObservableGauge(
            "authserver.sessions.ended.remembered", endedSessions, "{session}",
            "Ended sessions whose access tokens may not have expired yet.");
    }

    /// <summary>Observes the back ends that hear of ended sessions, at each collection of metrics.</summary>
    /// <param name="listeners">Number of the back ends.</param>
    public void ObserveFeed(Func<int> listeners) => meter.CreateObservableGauge(
        "authserver.feed.listeners", listeners, "{listener}", "Back ends that hear of ended sessions from this node.");

    /// <summary>Observes the state of a node in a cluster, at each collection of metrics.</summary>
    /// <param name="isListening">True if the node is notified of sessions that other nodes end.</param>
    /// <param name="clockOffset">Time by which the node's clock is ahead of the database's.</param>
    public void ObserveListener(Func<bool> isListening, Func<TimeSpan> clockOffset)
    {
        meter.CreateObservableGauge(
            "authserver.node.listening", () => isListening() ? 1 : 0, unit: null,
            "1 if the node is notified of sessions that other nodes end, else 0.");
        meter.CreateObservableGauge(
            "authserver.node.clock.offset", () => clockOffset().TotalSeconds, "s",
            "Time by which the node's clock is ahead of the database's.");
    }

    /// <summary>Counts the answer to a login.</summary>
    /// <param name="refusal">Code of the refusal; null if the login opened a session.</param>
    public void LoginAnswered(ErrorCode? refusal) =>
        logins.Add(1, new KeyValuePair<string, object?>("outcome", refusal is { } code ? NameOf(code) : "success"));

    /// <summary>Counts an attempt to send a mail.</summary>
    /// <param name="kind">The kind of mail.</param>
    /// <param name="outcome">The outcome: <c>sent</c>, <c>retried</c> or <c>failed</c>.</param>
    public void MailHandled(MailKind kind, string outcome) =>
        mails.Add(1, new("kind", MailKinds.NameOf(kind)), new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Counts the decision on a refresh.</summary>
    /// <param name="decision">The decision; null if the session is unknown.</param>
    public void RefreshDecided(RotationDecision? decision)
    {
        var name = decision switch
        {
            Rotate { Recovered: true } => "recovered",
            Rotate => "rotated",
            Repeat => "repeated",
            Skip => "late_retry",
            EndAsReused => "reused",
            EndAsDisabled => "disabled",

            // Expired by this refresh, or by the sweeper before it.
            Expire or Refuse { Reason: EndReason.Expired } => "expired",
            Refuse => "ended",
            _ => "unknown",
        };
        refreshes.Add(1, new KeyValuePair<string, object?>("decision", name));
    }

    /// <summary>Counts a refresh that was refused without a decision, because of its tokens or of the database.</summary>
    public void RefreshRefused(ErrorCode code)
    {
        var name = code switch
        {
            ErrorCode.RefreshTokenMissing => "missing",
            ErrorCode.TokenMismatch => "mismatched",
            ErrorCode.Unavailable => "unavailable",
            _ => "invalid",
        };
        refreshes.Add(1, new KeyValuePair<string, object?>("decision", name));
    }

    /// <summary>Records a batch after its commit.</summary>
    /// <param name="size">Number of its commands.</param>
    /// <param name="oldestWait">Time that the oldest of them waited for the transaction.</param>
    /// <param name="commit">Duration of the transaction.</param>
    public void BatchWritten(int size, TimeSpan oldestWait, TimeSpan commit)
    {
        batchSize.Record(size);
        queueWait.Record(oldestWait.TotalSeconds);
        commitDuration.Record(commit.TotalSeconds);
    }

    /// <summary>Records a password that was hashed or verified.</summary>
    /// <param name="wait">Time that it waited in the hash queue.</param>
    /// <param name="hashing">Duration of the hashing.</param>
    public void PasswordHashed(TimeSpan wait, TimeSpan hashing)
    {
        hashingWait.Record(wait.TotalSeconds);
        hashingDuration.Record(hashing.TotalSeconds);
    }

    /// <summary>Counts sessions whose end is committed.</summary>
    public void SessionsEnded(IEnumerable<EndReason> reasons)
    {
        foreach (var reason in reasons)
        {
            sessionsEnded.Add(1, new KeyValuePair<string, object?>("reason", NameOf(reason)));
        }
    }

    private Histogram<double> CreateDuration(string name, string description) =>
        meter.CreateHistogram(
            name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });

    // Codes and reasons as the contract spells them.
    private static string NameOf(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
