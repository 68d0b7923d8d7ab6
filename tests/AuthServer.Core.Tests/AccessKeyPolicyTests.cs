namespace AuthServer.Core.Tests;

public sealed class AccessKeyPolicyTests
{
    private static readonly DateTimeOffset Start = Some.Login;

    private static readonly AccessKeyPolicy Policy =
        new("HS256", TimeSpan.FromDays(90), TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(20));

    private static readonly AccessKeyPeriod First = new(1, "HS256", Start, Start);

    [Fact]
    public void First_key_signs_at_once()
    {
        Assert.Equal(Start, Policy.NextDue([], Start));
        Assert.Null(AccessKeyPolicy.Signing([], Start));
        Assert.Equal(First, AccessKeyPolicy.Signing([First], Start));
    }

    [Fact]
    public void Next_key_is_created_ahead_of_its_first_signature()
    {
        var due = Start + Policy.RotateEvery;
        var created = due - Policy.PublishAhead;
        Assert.Null(Policy.NextDue([First], created.AddMilliseconds(-1)));
        Assert.Equal(due, Policy.NextDue([First], created));
    }

    [Fact]
    public void Key_that_is_created_late_is_published_as_long_as_any()
    {
        var late = Start + Policy.RotateEvery + TimeSpan.FromDays(1);
        Assert.Equal(late + Policy.PublishAhead, Policy.NextDue([First], late));
    }

    [Fact]
    public void Key_is_published_then_signs_then_verifies_then_is_gone()
    {
        var signsFrom = Start + TimeSpan.FromMinutes(15);
        var signsUntil = signsFrom + Policy.RotateEvery;
        var key = Policy.Arrange(
            [new(2, "HS256", Start, signsFrom), new(3, "HS256", signsUntil, signsUntil)], signsUntil)[0];

        // The life of a token, and 5 seconds for each of two clocks.
        var goneAt = signsUntil + TimeSpan.FromSeconds(30);
        Assert.Equal((signsUntil, goneAt), (key.SignsUntil, key.GoneAt));
        Assert.Equal(AccessKeyState.Published, key.StateAt(signsFrom.AddMilliseconds(-1)));
        Assert.Equal(AccessKeyState.Signing, key.StateAt(signsFrom));
        Assert.Equal(AccessKeyState.Signing, key.StateAt(signsUntil.AddMilliseconds(-1)));
        Assert.Equal(AccessKeyState.Retired, key.StateAt(signsUntil));
        Assert.Equal(AccessKeyState.Retired, key.StateAt(goneAt.AddMilliseconds(-1)));
        Assert.Equal(AccessKeyState.Gone, key.StateAt(goneAt));
    }

    [Fact]
    public void One_key_signs_at_each_moment_of_rotation()
    {
        var signsFrom = Start + Policy.RotateEvery;
        var keys = Policy.Arrange([First, new(2, "ES256", Start, signsFrom)], Start);
        Assert.Equal(1, AccessKeyPolicy.Signing(keys, signsFrom.AddMilliseconds(-1))!.Number);
        Assert.Equal(2, AccessKeyPolicy.Signing(keys, signsFrom)!.Number);
        Assert.Null(keys[1].SignsUntil);
    }

    [Fact]
    public void Key_that_signs_at_once_supersedes_published_key()
    {
        var soon = Start + Policy.PublishAhead;
        var keys = Policy.Arrange(
            [First, new(2, "HS256", Start, soon), new(3, "HS256", Start, Start)], Start);
        Assert.Equal(3, AccessKeyPolicy.Signing(keys, Start)!.Number);
        Assert.Equal(3, AccessKeyPolicy.Signing(keys, soon)!.Number);
        Assert.Equal([AccessKeyState.Gone, AccessKeyState.Gone], keys.Take(2).Select(key => key.StateAt(soon)));
    }

    [Fact]
    public void Key_whose_successor_is_withdrawn_goes_on_signing()
    {
        var soon = Start + Policy.PublishAhead;
        var keys = Policy.Arrange([First, new(2, "HS256", Start, soon)], Start);
        keys = Policy.Arrange([keys[0], keys[1] with { SignsUntil = Start, GoneAt = Start }], Start);
        Assert.Equal(1, AccessKeyPolicy.Signing(keys, soon)!.Number);
        Assert.Equal((null, null), (keys[0].SignsUntil, keys[0].GoneAt));
        Assert.Equal(AccessKeyState.Gone, keys[1].StateAt(Start));
    }

    [Fact]
    public void Key_that_is_gone_stays_gone()
    {
        var gone = First with { SignsUntil = Start, GoneAt = Start };
        Assert.Equal(gone, Policy.Arrange([gone, new(2, "HS256", Start, Start)], Start.AddDays(1))[0]);
    }

    [Fact]
    public void First_key_signs_by_clock_that_is_behind() =>
        Assert.Equal(First, AccessKeyPolicy.Signing([First], Start.AddSeconds(-5)));

    [Fact]
    public void Withdrawn_key_signs_at_no_moment()
    {
        var withdrawn = First with { SignsUntil = Start, GoneAt = Start };
        Assert.Null(AccessKeyPolicy.Signing([withdrawn], Start));
        Assert.Equal(Start, Policy.NextDue([withdrawn], Start));
    }

    [Fact]
    public void Change_of_algorithm_is_seen_until_key_of_it_is_there()
    {
        var changed = Policy with { Algorithm = "ES256" };
        Assert.False(Policy.IsAlgorithmChanged([First]));
        Assert.True(changed.IsAlgorithmChanged([First]));
        Assert.False(changed.IsAlgorithmChanged(Policy.Arrange([First, new(2, "ES256", Start, Start)], Start).ToList()));
        Assert.False(changed.IsAlgorithmChanged([]));
    }
}
