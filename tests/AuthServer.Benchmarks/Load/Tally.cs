using System.Diagnostics;
using HdrHistogram;

namespace AuthServer.Benchmarks.Load;

/// <summary>What a round counts, from all connections at once.</summary>
/// <param name="toleratesUnavailable">Whether an answer of 503 is only counted: for logins that flood a server.</param>
internal sealed class Tally(bool toleratesUnavailable = false)
{
    private const long LongestMicroseconds = 120_000_000;
    private const long PartsPerRequest = 1_000_000;

    private readonly LongConcurrentHistogram latencies = new(1, LongestMicroseconds, 3);
    private long partsDone;
    private long failures;
    private long unavailable;
    private string? firstFailure;

    /// <summary>
    /// How much was done before the round was over. Of a request that was on its way then it is the part of its time that had
    /// passed: were it left out, slow servers would seem slower still.
    /// </summary>
    public double Done => (double)Interlocked.Read(ref partsDone) / PartsPerRequest;

    /// <summary>Answers of 503 that were tolerated.</summary>
    public long Unavailable => Interlocked.Read(ref unavailable);

    public void Record(long startedAt, long answeredAt, long endsAt)
    {
        var microseconds = (long)Stopwatch.GetElapsedTime(startedAt, answeredAt).TotalMicroseconds;
        latencies.RecordValue(Math.Clamp(microseconds, 1, LongestMicroseconds));
        Interlocked.Add(ref partsDone, PartsDone(startedAt, answeredAt, endsAt));
    }

    /// <summary>Counts an answer that was not asked for. Returns whether its client may go on.</summary>
    public bool Fail(Answer answer)
    {
        if (toleratesUnavailable && answer.Status == 503)
        {
            Interlocked.Increment(ref unavailable);
            return true;
        }

        Interlocked.Increment(ref failures);
        Interlocked.CompareExchange(ref firstFailure, answer.ToString(), null);
        return false;
    }

    /// <summary>The latencies as they were, for an open loop whose starts are due times.</summary>
    public HistogramBase Latencies() => latencies;

    /// <summary>
    /// The latencies of a closed loop without coordinated omission: a connection that waits sends nothing, so where an answer
    /// took longer than the mean, the requests that would have been sent meanwhile are counted too.
    /// Source: <c>recordValueWithExpectedInterval</c> of HdrHistogram, with the mean as interval.
    /// </summary>
    public HistogramBase CorrectedLatencies()
    {
        var interval = latencies.TotalCount == 0 ? 1 : Math.Max(1, (long)latencies.GetMean());
        var corrected = new LongHistogram(1, LongestMicroseconds, 3);
        foreach (var bar in latencies.RecordedValues())
        {
            for (var value = bar.ValueIteratedTo; value > 0; value = value - interval >= interval ? value - interval : 0)
            {
                corrected.RecordValueWithCount(value, bar.CountAtValueIteratedTo);
            }
        }

        return corrected;
    }

    /// <exception cref="LoadException">A request failed.</exception>
    public void ThrowIfFailed(string what)
    {
        if (firstFailure is not null)
        {
            throw new LoadException(what, failures, firstFailure);
        }
    }

    // One that began when the round was over has done nothing in it.
    private static long PartsDone(long startedAt, long answeredAt, long endsAt) =>
        answeredAt <= endsAt ? PartsPerRequest
        : startedAt >= endsAt ? 0
        : PartsPerRequest * (endsAt - startedAt) / (answeredAt - startedAt);
}
