using System.Diagnostics;
using AuthServer.Benchmarks.Load;

namespace AuthServer.EndToEnd.Tests.Benchmarks;

/// <summary>What a round of the benchmark counts. Times are given to it, so none passes here.</summary>
public sealed class TallyTests
{
    // The histogram keeps three digits.
    private const double Precision = 0.002;

    private readonly Tally tally = new();

    [Fact]
    public void A_long_wait_counts_for_the_requests_that_it_kept_from_being_sent()
    {
        RecordMilliseconds(Enumerable.Repeat(1, 99));
        RecordMilliseconds([901]);

        // The mean is 10 ms, so 891, 881 … and 11 are added to the 100: 89 of them.
        var corrected = tally.CorrectedLatencies();
        Assert.Equal(189, corrected.TotalCount);
        AssertMilliseconds(901, corrected.GetValueAtPercentile(100));
        AssertMilliseconds(461, corrected.GetValueAtPercentile(100 * 144.5 / 189));
    }

    [Fact]
    public void As_they_were_latencies_hold_one_for_each_request()
    {
        RecordMilliseconds(Enumerable.Repeat(1, 99));
        RecordMilliseconds([901]);

        Assert.Equal(100, tally.Latencies().TotalCount);
        AssertMilliseconds(1, tally.Latencies().GetValueAtPercentile(99));
    }

    [Fact]
    public void Even_latencies_are_left_as_they_are()
    {
        RecordMilliseconds(Enumerable.Repeat(5, 100));
        Assert.Equal(100, tally.CorrectedLatencies().TotalCount);
    }

    [Fact]
    public void Without_a_request_there_is_no_latency() => Assert.Equal(0, tally.CorrectedLatencies().TotalCount);

    [Theory]
    [InlineData(0, 10, 10, 1)]
    [InlineData(6, 16, 10, 0.4)]
    [InlineData(10, 20, 10, 0)]
    [InlineData(11, 20, 10, 0)]
    public void Of_a_request_that_outlives_the_round_the_part_within_counts(long startedAt, long answeredAt, long endsAt, double done)
    {
        tally.Record(startedAt * Stopwatch.Frequency, answeredAt * Stopwatch.Frequency, endsAt * Stopwatch.Frequency);
        Assert.Equal(done, tally.Done);
    }

    [Fact]
    public void Another_answer_ends_its_client_and_fails_the_round_with_the_first_of_them()
    {
        tally.ThrowIfFailed("refresh");
        Assert.False(tally.Fail(new Answer(401, "expired"u8.ToArray())));
        Assert.False(tally.Fail(new Answer(503, default)));
        var failure = Assert.Throws<LoadException>(() => tally.ThrowIfFailed("refresh"));
        Assert.Contains("2 answers", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("401 expired", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_503_is_tolerated_it_is_only_counted()
    {
        var flood = new Tally(toleratesUnavailable: true);
        Assert.True(flood.Fail(new Answer(503, default)));
        Assert.Equal(1, flood.Unavailable);
        flood.ThrowIfFailed("login");
        Assert.False(flood.Fail(new Answer(500, default)));
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
