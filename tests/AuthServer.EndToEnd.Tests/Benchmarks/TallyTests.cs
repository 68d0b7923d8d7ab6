using System.Diagnostics;
using AuthServer.Benchmarks.Load;

namespace AuthServer.EndToEnd.Tests.Benchmarks;

/// <summary>The counters of a benchmark round. Its times are parameters, so no test waits.</summary>
public sealed class TallyTests
{
    // The histogram has three significant digits.
    private const double Precision = 0.002;

    private readonly Tally tally = new();

    [Fact]
    public void Long_wait_counts_for_requests_that_it_delayed()
    {
        RecordMilliseconds(Enumerable.Repeat(1, 99));
        RecordMilliseconds([901]);

        // The mean is 10 ms, so the correction adds 89 values to the 100: 891, 881 … 11 ms.
        var corrected = tally.CorrectedLatencies();
        Assert.Equal(189, corrected.TotalCount);
        AssertMilliseconds(901, corrected.GetValueAtPercentile(100));
        AssertMilliseconds(461, corrected.GetValueAtPercentile(100 * 144.5 / 189));
    }

    [Fact]
    public void Uncorrected_latencies_have_one_value_per_request()
    {
        RecordMilliseconds(Enumerable.Repeat(1, 99));
        RecordMilliseconds([901]);

        Assert.Equal(100, tally.Latencies().TotalCount);
        AssertMilliseconds(1, tally.Latencies().GetValueAtPercentile(99));
    }

    [Fact]
    public void Equal_latencies_need_no_correction()
    {
        RecordMilliseconds(Enumerable.Repeat(5, 100));
        Assert.Equal(100, tally.CorrectedLatencies().TotalCount);
    }

    [Fact]
    public void Tally_without_requests_has_no_latencies() => Assert.Equal(0, tally.CorrectedLatencies().TotalCount);

    [Theory]
    [InlineData(0, 10, 10, 1)]
    [InlineData(6, 16, 10, 0.4)]
    [InlineData(10, 20, 10, 0)]
    [InlineData(11, 20, 10, 0)]
    public void Request_beyond_end_of_round_counts_in_part(long startedAt, long answeredAt, long endsAt, double completed)
    {
        tally.Record(startedAt * Stopwatch.Frequency, answeredAt * Stopwatch.Frequency, endsAt * Stopwatch.Frequency);
        Assert.Equal(completed, tally.Completed);
    }

    [Fact]
    public void Unexpected_response_stops_client_and_fails_round()
    {
        tally.ThrowIfFailed("refresh");
        Assert.False(tally.RecordFailure(new Response(401, "expired"u8.ToArray())));
        Assert.False(tally.RecordFailure(new Response(503, default)));
        var failure = Assert.Throws<LoadException>(() => tally.ThrowIfFailed("refresh"));
        Assert.Contains("2 unexpected responses", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("401 expired", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tolerated_503_is_counted_and_fails_nothing()
    {
        var flood = new Tally(toleratesUnavailable: true);
        Assert.True(flood.RecordFailure(new Response(503, default)));
        Assert.Equal(1, flood.Unavailable);
        flood.ThrowIfFailed("login");
        Assert.False(flood.RecordFailure(new Response(500, default)));
        Assert.Throws<LoadException>(() => flood.ThrowIfFailed("login"));
    }

    private void RecordMilliseconds(IEnumerable<int> latencies)
    {
        foreach (var latency in latencies)
        {
            tally.Record(0, latency * Stopwatch.Frequency / 1000, long.MaxValue);
        }
    }

    private static void AssertMilliseconds(double expected, long microseconds) =>
        Assert.InRange(microseconds / 1000.0, expected * (1 - Precision), expected * (1 + Precision));
}
