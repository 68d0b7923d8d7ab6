using System.Diagnostics.Metrics;
using System.Text.Json;
using AuthServer.Core;

namespace AuthServer.Observability;

/// <summary>
/// What the server counts and measures of its own work. The values of a tag are few and known beforehand: never a user, a token,
/// an id or an address. Safe to share.
/// </summary>
internal sealed class AuthMeter
{
    public const string Name = "AuthServer";

    /// <summary>The buckets of every duration, in seconds: fine where a refresh is, up to the longest anybody waits.</summary>
    public static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Meter meter;
    private readonly Counter<long> logins;
    private readonly Counter<long> refreshes;
    private readonly Counter<long> sessionsEnded;
    private readonly Histogram<int> batchSize;
    private readonly Histogram<double> queueWait;
    private readonly Histogram<double> commitDuration;
    private readonly Histogram<double> hashingWait;
    private readonly Histogram<double> hashingDuration;

    public AuthMeter(IMeterFactory meters)
    {
        meter = meters.Create(Name);
        logins = meter.CreateCounter<long>("authserver.logins", "{login}", "Logins, by outcome.");
        refreshes = meter.CreateCounter<long>("authserver.refreshes", "{refresh}", "Refreshes, by what was decided.");
        sessionsEnded = meter.CreateCounter<long>("authserver.sessions.ended", "{session}", "Sessions that ended, by reason.");
        batchSize = meter.CreateHistogram(
            "authserver.writer.batch.size", "{command}", "Commands that shared one commit.", tags: null,
            new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });
        queueWait = CreateDuration("authserver.writer.queue.wait", "From the oldest command of a batch to the batch's turn to write.");
        commitDuration = CreateDuration("authserver.writer.commit.duration", "From a batch's turn to write to its being durable.");
        hashingWait = CreateDuration("authserver.hashing.wait", "From a password to its turn to be hashed.");
        hashingDuration = CreateDuration("authserver.hashing.duration", "Hashing or checking one password.");
    }

    /// <summary>Has the lengths of what grows under load read whenever metrics are collected.</summary>
    /// <param name="writerQueue">Commands that wait to be written.</param>
    /// <param name="hashingQueue">Passwords that wait to be hashed.</param>
    /// <param name="endedSessions">Ended sessions that are remembered.</param>
    public void Watch(Func<int> writerQueue, Func<int> hashingQueue, Func<int> endedSessions)
    {
        meter.CreateObservableGauge("authserver.writer.queue.length", writerQueue, "{command}", "Commands that wait to be written.");
        meter.CreateObservableGauge("authserver.hashing.queue.length", hashingQueue, "{password}", "Passwords that wait to be hashed.");
        meter.CreateObservableGauge(
            "authserver.sessions.ended.remembered", endedSessions, "{session}", "Ended sessions whose access tokens may not have expired.");
    }

    /// <summary>Has the state of a node among others read whenever metrics are collected.</summary>
    /// <param name="isListening">Whether it hears of sessions that others end.</param>
    /// <param name="clockOffset">How far its clock is ahead of the database's.</param>
    public void ObserveListener(Func<bool> isListening, Func<TimeSpan> clockOffset)
    {
        meter.CreateObservableGauge(
            "authserver.node.listening", () => isListening() ? 1 : 0, unit: null, "1 where the node hears of sessions that others end, 0 where not.");
        meter.CreateObservableGauge(
            "authserver.node.clock.offset", () => clockOffset().TotalSeconds, "s", "How far the node's clock is ahead of the database's.");
    }

    /// <summary>A login was answered.</summary>
    /// <param name="refusal">Why it was refused; null where it opened a session.</param>
    public void LoginAnswered(ErrorCode? refusal) =>
        logins.Add(1, new KeyValuePair<string, object?>("outcome", refusal is { } code ? NameOf(code) : "success"));

    /// <summary>It was decided on a refresh.</summary>
    /// <param name="decision">The decision; null where there is no such session.</param>
    public void RefreshDecided(RotationDecision? decision) => RefreshAnswered(decision switch
    {
        Rotate { Recovered: true } => "recovered",
        Rotate => "rotated",
        Repeat => "repeated",
        Skip => "late_retry",
        EndAsReused => "reused",
        EndAsDisabled => "disabled",

        // Whether or not the sweeper was first.
        Expire or Refuse { Reason: EndReason.Expired } => "expired",
        Refuse => "ended",
        _ => "unknown",
    });

    /// <summary>A refresh was refused before its session was looked at: for the tokens it came with, or because that could not be done.</summary>
    public void RefreshRefused(ErrorCode code) => RefreshAnswered(code switch
    {
        ErrorCode.RefreshTokenMissing => "missing",
        ErrorCode.TokenMismatch => "mismatched",
        ErrorCode.Unavailable => "unavailable",
        _ => "invalid",
    });

    /// <summary>A batch became durable.</summary>
    /// <param name="size">Its commands.</param>
    /// <param name="oldestWait">How long the oldest of them waited for the batch's turn.</param>
    /// <param name="commit">How long the turn took.</param>
    public void BatchWritten(int size, TimeSpan oldestWait, TimeSpan commit)
    {
        batchSize.Record(size);
        queueWait.Record(oldestWait.TotalSeconds);
        commitDuration.Record(commit.TotalSeconds);
    }

    /// <summary>A password was hashed or checked.</summary>
    /// <param name="wait">How long it waited for its turn.</param>
    /// <param name="hashing">How long the turn took.</param>
    public void PasswordHashed(TimeSpan wait, TimeSpan hashing)
    {
        hashingWait.Record(wait.TotalSeconds);
        hashingDuration.Record(hashing.TotalSeconds);
    }

    /// <summary>Sessions have ended, durably.</summary>
    public void SessionsEnded(IEnumerable<EndReason> reasons)
    {
        foreach (var reason in reasons)
        {
            sessionsEnded.Add(1, new KeyValuePair<string, object?>("reason", NameOf(reason)));
        }
    }

    private void RefreshAnswered(string decision) => refreshes.Add(1, new KeyValuePair<string, object?>("decision", decision));

    private Histogram<double> CreateDuration(string name, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });

    // As the contract writes it.
    private static string NameOf(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
