using System.Diagnostics;
using HdrHistogram;

namespace AuthServer.Benchmarks.Load;

/// <summary>Counters and latencies of a round. Thread-safe.</summary>
/// <param name="toleratesUnavailable">True if 503 is counted but is not a failure, as for a flood of logins.</param>
internal sealed class Tally(bool toleratesUnavailable = false)
{
    private const long LongestMicroseconds = 120_000_000;
    private const long PartsPerRequest = 1_000_000;

    private readonly LongConcurrentHistogram latencies = new(1, LongestMicroseconds, 3);
    private long partsCompleted;
    private long failures;
    private long unavailable;
    private string? firstFailure;

    /// <summary>
    /// Number of requests completed within the round. A request in flight at the end counts with the fraction of its time that
    /// lies within the round. Without that fraction, slow servers would seem even slower.
    /// </summary>
    public double Completed => (double)Interlocked.Read(ref partsCompleted) / PartsPerRequest;

    /// <summary>Number of tolerated responses with 503.</summary>
    public long Unavailable => Interlocked.Read(ref unavailable);

    /// <summary>Records an expected response. All times are timestamps of <see cref="Stopwatch"/>.</summary>
    /// <param name="startedAt">The moment at which the request was sent or due.</param>
    /// <param name="answeredAt">The moment at which the response was complete.</param>
    /// <param name="endsAt">The end of the round.</param>
    public void Record(long startedAt, long answeredAt, long endsAt)
    {
        var microseconds = (long)Stopwatch.GetElapsedTime(startedAt, answeredAt).TotalMicroseconds;
        latencies.RecordValue(Math.Clamp(microseconds, 1, LongestMicroseconds));
        Interlocked.Add(ref partsCompleted, PartsCompleted(startedAt, answeredAt, endsAt));
    }

    /// <summary>Records an unexpected response. True if it is tolerated and its client may continue.</summary>
    public bool RecordFailure(Response response)
    {
        if (toleratesUnavailable && response.Status == 503)
        {
            Interlocked.Increment(ref unavailable);
            return true;
        }

        Interlocked.Increment(ref failures);
        Interlocked.CompareExchange(ref firstFailure, response.ToString(), null);
        return false;
    }

    /// <summary>Returns the latencies as recorded. They suit an open loop, which records when each request was due.</summary>
    public HistogramBase Latencies() => latencies;

    /// <summary>
    /// Returns the latencies of a closed loop, corrected for coordinated omission. A client that waits sends nothing. For a
    /// response slower than the mean, the requests that would have been sent in the meantime are added.
    /// Source: <c>recordValueWithExpectedInterval</c> of HdrHistogram, with the mean as the interval.
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

    /// <summary>Throws if a response was unexpected and not tolerated.</summary>
    /// <exception cref="LoadException">A response was unexpected.</exception>
    public void ThrowIfFailed(string request)
    {
        if (firstFailure is not null)
        {
            throw new LoadException(request, failures, firstFailure);
        }
    }

    // A request that started after the end of the round completed no part within it.
    private static long PartsCompleted(long startedAt, long answeredAt, long endsAt) =>
        answeredAt <= endsAt ? PartsPerRequest
        : startedAt >= endsAt ? 0
        : PartsPerRequest * (endsAt - startedAt) / (answeredAt - startedAt);
}
