using AuthServer.Benchmarks.Rounds;

namespace AuthServer.EndToEnd.Tests.Benchmarks;

public sealed class SpreadTests
{
    [Theory]
    [InlineData(new double[] { 7 }, 7, 7, 7)]
    [InlineData(new double[] { 30, 10, 20 }, 20, 10, 30)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 2.5, 1, 4)]
    public void Spread_has_median_minimum_and_maximum(double[] values, double median, double minimum, double maximum) =>
        Assert.Equal(new Spread(median, minimum, maximum), Spread.Of(values));

    [Fact]
    public void Samples_are_kept_by_workload_contender_and_metric()
    {
        var samples = new Samples();
        samples.Add("refresh1", "ours", [("per second", 10), ("p99 ms", 1)]);
        samples.Add("refresh1", "ours", [("per second", 30), ("p99 ms", 2)]);
        samples.Add("refresh1", "theirs", [("per second", 5)]);
        samples.Add("login", "ours", [("per second", 2)]);

        Assert.Equal(new Spread(20, 10, 30), samples.Find("refresh1", "ours", "per second"));
        Assert.Equal(new Spread(5, 5, 5), samples.Find("refresh1", "theirs", "per second"));
        Assert.Null(samples.Find("login", "theirs", "per second"));
        Assert.Equal(["per second", "p99 ms"], samples.MetricsOf("refresh1"));
        Assert.Equal(["ours"], samples.ContendersOf("login"));
    }
}
