using System.Diagnostics;
using HdrHistogram;

namespace AuthServer.Benchmarks.Load;

/// <summary>What a round counts, from all connections at once.</summary>
internal sealed class Tally
{
    private const long LongestMicroseconds = 120_000_000;

    private readonly LongConcurrentHistogram latencies = new(1, LongestMicroseconds, 3);
    private long inTime;
    private long failures;
    private long serverFaults;
    private string? firstFailure;

    /// <summary>Requests that were answered as they should be before the round was over.</summary>
    public long InTime => Interlocked.Read(ref inTime);

    /// <summary>Answers of 500 and above.</summary>
    public long ServerFaults => Interlocked.Read(ref serverFaults);

    public void Record(long startedAt, long answeredAt, long endsAt)
    {
        var microseconds = (long)Stopwatch.GetElapsedTime(startedAt, answeredAt).TotalMicroseconds;
        latencies.RecordValue(Math.Clamp(microseconds, 1, LongestMicroseconds));
        if (answeredAt <= endsAt)
        {
            Interlocked.Increment(ref inTime);
        }
    }

    public void Fail(Answer answer)
    {
        Interlocked.Increment(ref failures);
        if (answer.Status >= 500)
        {
            Interlocked.Increment(ref serverFaults);
        }

        Interlocked.CompareExchange(ref firstFailure, answer.ToString(), null);
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
}
