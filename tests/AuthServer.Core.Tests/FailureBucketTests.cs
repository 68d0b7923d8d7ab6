namespace AuthServer.Core.Tests;

/// <summary>Failures that fade, and the delays beyond a limit.</summary>
public sealed class FailureBucketTests
{
    private static readonly DateTimeOffset Now = Some.Login;
    private static readonly FailureLimit Limit = new(3, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(15));

    [Fact]
    public void Bucket_without_failures_counts_none_and_delays_nothing()
    {
        Assert.Equal(0, default(FailureBucket).CountAt(Now, Limit.Fade));
        Assert.Equal(TimeSpan.Zero, default(FailureBucket).WaitAt(Now, Limit));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(899, 3)]
    [InlineData(900, 2)]
    [InlineData(901, 2)]
    [InlineData(1800, 1)]
    [InlineData(2699, 1)]
    [InlineData(2700, 0)]
    [InlineData(1_000_000, 0)]
    public void One_failure_fades_in_each_fade(int seconds, int count) =>
        Assert.Equal(count, Bucket(3).CountAt(Now.AddSeconds(seconds), Limit.Fade));

    [Fact]
    public void Failure_is_added_to_those_that_have_not_faded()
    {
        var later = Now.AddMinutes(20);
        Assert.Equal(2, Bucket(2).Add(1, later, Limit.Fade).CountAt(later, Limit.Fade));
        Assert.Equal(later, Bucket(2).Add(1, later, Limit.Fade).LastAt);
        Assert.Equal(1, Bucket(2).Add(1, Now.AddDays(1), Limit.Fade).CountAt(Now.AddDays(1), Limit.Fade));
    }

    [Fact]
    public void Failures_of_clock_that_was_set_back_count_too()
    {
        var bucket = Bucket(1).Add(1, Now - FailureBucket.ClockTolerance, Limit.Fade);
        Assert.Equal((2, Now), (bucket.CountAt(Now, Limit.Fade), bucket.LastAt));
        Assert.Equal(Bucket(1), Bucket(1).Add(0, Now.AddDays(1), Limit.Fade));
    }

    [Fact]
    public void Bucket_of_wrong_clock_is_empty()
    {
        var now = Now - FailureBucket.ClockTolerance - TimeSpan.FromMilliseconds(1);
        Assert.Equal((0, TimeSpan.Zero), (Bucket(1000).CountAt(now, Limit.Fade), Bucket(1000).WaitAt(now, Limit)));
        Assert.Equal(default(FailureBucket).Add(1, now, Limit.Fade), Bucket(1000).Add(1, now, Limit.Fade));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 4)]
    [InlineData(12, 512)]
    [InlineData(13, 900)]
    [InlineData(1000, 900)]
    public void Delay_doubles_beyond_limit_up_to_longest(int failures, int seconds)
    {
        Assert.Equal(seconds, Bucket(failures).WaitAt(Now, Limit).TotalSeconds);
        Assert.Equal(TimeSpan.Zero, Bucket(failures).WaitAt(Now.AddSeconds(seconds), Limit));
    }

    [Fact]
    public void Delay_counts_from_last_failure()
    {
        Assert.Equal(TimeSpan.FromSeconds(0.25), Bucket(3).WaitAt(Now.AddSeconds(0.75), Limit));
    }

    private static FailureBucket Bucket(int failures) => default(FailureBucket).Add(failures, Now, Limit.Fade);
}
