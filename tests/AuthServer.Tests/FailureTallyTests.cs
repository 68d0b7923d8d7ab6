using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Tests;

/// <summary>Failures that the database may lack: each counts, whatever is written while a row is read.</summary>
public sealed class FailureTallyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly FailureKey Key = new(Guid.NewGuid(), TimeSpan.FromMinutes(15));
    private static readonly FailureBucket Three = default(FailureBucket).Add(3, Now, Key.Fade);

    private readonly FailureTally tally = new(Key);

    [Fact]
    public void Attempt_counts_until_it_ends()
    {
        tally.Begin(Now);
        Assert.Equal(4, Count(Three, tally.Mark));
        tally.End();
        Assert.Equal(3, Count(Three, tally.Mark));
        Assert.True(tally.IsIdle);
    }

    [Fact]
    public void Failure_counts_before_and_while_it_is_written()
    {
        tally.Add(Now);
        Assert.Equal(1, Count(default, tally.Mark));
        tally.Take();
        Assert.Equal(1, Count(default, tally.Mark));
        Assert.True(tally.IsChanged);
    }

    [Fact]
    public void Failure_written_while_row_was_read_counts_beside_row()
    {
        tally.Add(Now);
        var before = tally.Mark;
        tally.Take();
        tally.Wrote();
        Assert.Equal(1, Count(default, before));
        Assert.Equal(3, Count(Three, tally.Mark));
        Assert.True(tally.IsIdle);
    }

    [Fact]
    public void Reset_empties_row_until_row_is_read_after_it()
    {
        var before = tally.Mark;
        Assert.True(tally.TryReset(hadRow: true));
        Assert.Equal(0, Count(Three, tally.Mark));
        Assert.Equal(new FailureChange(Key, Resets: true, 0, default), tally.Take());
        Assert.Equal(0, Count(Three, tally.Mark));
        tally.Wrote();
        Assert.Equal(0, Count(Three, before));
        Assert.Equal(3, Count(Three, tally.Mark));
    }

    [Fact]
    public void Reset_drops_failures_that_are_not_written_yet()
    {
        tally.Add(Now);
        Assert.True(tally.TryReset(hadRow: false));
        Assert.Equal(0, Count(default, tally.Mark));
        tally.Add(Now);
        Assert.Equal(1, Count(Three, tally.Mark));
        Assert.Equal(new FailureChange(Key, Resets: true, 1, Now), tally.Take());
    }

    [Fact]
    public void Reset_drops_failure_that_is_being_written()
    {
        tally.Add(Now);
        tally.Take();
        Assert.True(tally.TryReset(hadRow: false));
        Assert.Equal(0, Count(default, tally.Mark));
        tally.Wrote();
        Assert.Equal(new FailureChange(Key, Resets: true, 0, Now), tally.Take());
    }

    [Fact]
    public void Reset_of_empty_bucket_writes_nothing()
    {
        Assert.False(tally.TryReset(hadRow: false));
        Assert.Null(tally.Take());
        Assert.True(tally.IsIdle);
    }

    [Fact]
    public void Change_that_was_not_written_is_taken_again()
    {
        tally.TryReset(hadRow: true);
        tally.Add(Now);
        var change = tally.Take();
        tally.TakeBack();
        Assert.Equal(1, Count(Three, tally.Mark));
        Assert.Equal(change, tally.Take());
        Assert.Equal(new FailureChange(Key, Resets: true, 1, Now), change);
    }

    [Fact]
    public void Failures_before_and_after_failed_write_are_written_together()
    {
        tally.Add(Now);
        tally.Take();
        tally.Add(Now);
        tally.TakeBack();
        Assert.Equal(new FailureChange(Key, Resets: false, 2, Now), tally.Take());
    }

    [Fact]
    public void Reset_during_failed_write_drops_what_was_not_written()
    {
        tally.Add(Now);
        tally.Take();
        tally.TryReset(hadRow: false);
        tally.TakeBack();
        Assert.Equal(new FailureChange(Key, Resets: true, 0, Now), tally.Take());
    }

    [Fact]
    public void Dropped_changes_count_no_more()
    {
        tally.TryReset(hadRow: true);
        tally.Add(Now);
        tally.Drop();
        Assert.True(tally.IsIdle);
        Assert.Null(tally.Take());
    }

    [Fact]
    public void Tally_that_request_uses_is_not_idle()
    {
        tally.Users = 1;
        Assert.False(tally.IsIdle);
    }

    private long Count(FailureBucket row, (int Written, int Resets) mark) => tally.BucketOf(row, mark).CountAt(Now, Key.Fade);
}
