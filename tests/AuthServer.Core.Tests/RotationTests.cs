namespace AuthServer.Core.Tests;

/// <summary>The rotation table of the contract, row by row and at the edges of every row.</summary>
public sealed class RotationTests
{
    private const uint Last = uint.MaxValue;

    private static readonly SessionPolicy Policy = new()
    {
        IdleLifetime = TimeSpan.FromDays(14),
        AbsoluteLifetime = TimeSpan.FromDays(90),
        Grace = TimeSpan.FromSeconds(30),
    };

    private static readonly DateTimeOffset RotatedAt = Some.Login.AddHours(1);
    private static readonly DateTimeOffset Soon = RotatedAt.AddSeconds(1);
    private static readonly DateTimeOffset Late = RotatedAt + Policy.Grace + TimeSpan.FromTicks(1);
    private static readonly DateTimeOffset IdleEnd = RotatedAt + Policy.IdleLifetime;
    private static readonly DateTimeOffset AbsoluteEnd = Some.Login + Policy.AbsoluteLifetime;

    public static TheoryData<EndReason> EveryEndReason => [.. Enum.GetValues<EndReason>()];

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(7u)]
    [InlineData(Last - 1)]
    public void Current_token_rotates_to_next_generation(uint current)
    {
        Assert.Equal(Rotated(current, Soon), Decide(Session(current), current, Soon));
        Assert.Equal(Rotated(current, Late), Decide(Session(current), current, Late));
    }

    [Theory]
    [InlineData(0u, 1u)]
    [InlineData(0u, 5u)]
    [InlineData(7u, 1000u)]
    [InlineData(0u, Last - 1)]
    [InlineData(Last - 2, Last - 1)]
    public void Token_newer_than_store_rotates_from_its_own_generation(uint current, uint presented)
    {
        Assert.Equal(Rotated(presented, Soon, recovered: true), Decide(Session(current), presented, Soon));
        Assert.Equal(Rotated(presented, Late, recovered: true), Decide(Session(current), presented, Late));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(Last - 1)]
    [InlineData(Last)]
    public void Token_of_last_generation_ends_session(uint current) =>
        Assert.Equal(new Expire(), Decide(Session(current), Last, Soon));

    [Theory]
    [InlineData(1u, 0u)]
    [InlineData(2u, 1u)]
    [InlineData(Last, Last - 1)]
    public void Retry_within_grace_gets_same_successor(uint current, uint presented) =>
        Assert.Equal(new Repeat(current), Decide(Session(current), presented, Soon));

    [Theory]
    [InlineData(0, true)]
    [InlineData(29_999, true)]
    [InlineData(30_000, true)]
    [InlineData(30_001, false)]
    public void Retry_at_edge_of_grace_repeats_to_last_millisecond(int age, bool repeats)
    {
        var now = RotatedAt.AddMilliseconds(age);

        AssertDecision(repeats ? new Repeat(7) : new Skip(8, 6, now), Decide(Session(7), 6, now));
    }

    [Fact]
    public void Retry_on_clock_that_was_set_back_gets_same_successor() =>
        Assert.Equal(new Repeat(7), Decide(Session(7), 6, RotatedAt.AddMinutes(-5)));

    [Theory]
    [InlineData(1u, 0u)]
    [InlineData(7u, 6u)]
    [InlineData(9u, 6u)]
    [InlineData(Last - 1, 6u)]
    [InlineData(Last - 1, Last - 2)]
    public void Late_retry_of_newest_presented_skips_successor(uint current, uint newest)
    {
        var monthLater = Late.AddDays(13);

        Assert.Equal(new Skip(current + 1, newest, Late), Decide(Session(current, newest), newest, Late));
        Assert.Equal(new Skip(current + 1, newest, monthLater), Decide(Session(current, newest), newest, monthLater));
    }

    [Fact]
    public void Late_retry_without_generation_left_ends_session()
    {
        Assert.Equal(new Expire(), Decide(Session(Last), Last - 1, Late));
        Assert.Equal(new Expire(), Decide(Session(Last, 6), 6, Late));
    }

    [Theory]
    [InlineData(6u)]
    [InlineData(7u)]
    [InlineData(8u)]
    public void Retry_within_grace_of_late_retry_gets_same_successor(uint presented) =>
        Assert.Equal(new Repeat(9), Decide(Session(9, 6), presented, Soon));

    [Theory]
    [InlineData(7u)]
    [InlineData(8u)]
    public void Skipped_successor_after_grace_is_reuse(uint presented) =>
        Assert.Equal(new EndAsReused(), Decide(Session(9, 6), presented, Late));

    [Theory]
    [InlineData(2u, 1u, 0u)]
    [InlineData(7u, 6u, 5u)]
    [InlineData(7u, 6u, 0u)]
    [InlineData(9u, 6u, 5u)]
    [InlineData(Last, Last - 1, 0u)]
    [InlineData(Last, Last - 1, Last - 2)]
    public void Token_older_than_newest_presented_is_reuse_at_once(uint current, uint newest, uint presented)
    {
        Assert.Equal(new EndAsReused(), Decide(Session(current, newest), presented, RotatedAt));
        Assert.Equal(new EndAsReused(), Decide(Session(current, newest), presented, Late));
    }

    // A change of credentials moves both numbers past every token that was ever handed out, so that all of them are reuse.
    [Theory]
    [InlineData(9u, 8u, 7u)]
    [InlineData(9u, 8u, 6u)]
    [InlineData(2u, 1u, 0u)]
    public void Token_of_before_both_numbers_were_raised_is_reuse(uint current, uint newest, uint presented)
    {
        Assert.Equal(new EndAsReused(), Decide(Session(current, newest), presented, RotatedAt));
        Assert.Equal(Rotated(current, Soon), Decide(Session(current, newest), current, Soon));
    }

    [Theory]
    [InlineData(5u)]
    [InlineData(6u)]
    public void Token_older_than_login_is_reuse_at_once(uint presented)
    {
        Assert.Equal(new EndAsReused(), Decide(Session(7, newest: null), presented, RotatedAt));
        Assert.Equal(new EndAsReused(), Decide(Session(7, newest: null), presented, Late));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(60_000)]
    public void Retry_without_grace_is_reuse_even_at_once(int age)
    {
        var policy = Policy with { Grace = TimeSpan.Zero, LateRetries = true };

        Assert.Equal(new EndAsReused(), Rotation.Decide(Session(7), 6, RotatedAt.AddMilliseconds(age), policy));
    }

    [Fact]
    public void Retry_without_late_retries_is_reuse_from_end_of_grace()
    {
        var policy = Policy with { LateRetries = false };

        Assert.Equal(new Repeat(7), Rotation.Decide(Session(7), 6, RotatedAt + Policy.Grace, policy));
        Assert.Equal(new EndAsReused(), Rotation.Decide(Session(7), 6, Late, policy));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Session_at_idle_end_is_expired_from_that_moment(int offset, bool expired)
    {
        var now = IdleEnd.AddMilliseconds(offset);

        AssertDecision(expired ? new Expire() : Rotated(7, now), Decide(Session(7), 7, now));
        AssertDecision(expired ? new Expire() : new Skip(8, 6, now), Decide(Session(7), 6, now));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Session_at_absolute_end_is_expired_however_lately_used(int offset, bool expired)
    {
        var session = Session(7) with { RotatedAt = AbsoluteEnd.AddSeconds(-10) };
        var now = AbsoluteEnd.AddMilliseconds(offset);

        AssertDecision(expired ? new Expire() : Rotated(7, now), Decide(session, 7, now));
        AssertDecision(expired ? new Expire() : new Repeat(7), Decide(session, 6, now));
    }

    [Fact]
    public void Session_one_tick_before_idle_end_lives()
    {
        var now = IdleEnd.AddTicks(-1);

        Assert.Equal(Rotated(7, now), Decide(Session(7), 7, now));
    }

    [Theory]
    [MemberData(nameof(EveryEndReason))]
    public void Ended_session_refuses_every_token_with_its_reason(EndReason reason)
    {
        var session = Session(9, 6) with { EndReason = reason };

        Assert.All<uint>([0, 5, 6, 7, 9, 10, Last - 1, Last], presented =>
        {
            Assert.Equal(new Refuse(reason), Decide(session, presented, Soon));
            Assert.Equal(new Refuse(reason), Decide(session, presented, Late));
        });
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(6u)]
    [InlineData(7u)]
    [InlineData(9u)]
    [InlineData(10u)]
    [InlineData(Last - 1)]
    public void Disabled_user_ends_session_whatever_is_presented(uint presented)
    {
        var session = Session(9, 6) with { UserDisabled = true };

        Assert.Equal(new EndAsDisabled(), Decide(session, presented, Soon));
        Assert.Equal(new EndAsDisabled(), Decide(session, presented, Late));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(6u)]
    [InlineData(7u)]
    [InlineData(8u)]
    [InlineData(Last)]
    public void Expired_session_precedes_disabled_user_and_generations(uint presented)
    {
        Assert.Equal(new Expire(), Decide(Session(7), presented, IdleEnd));
        Assert.Equal(new Expire(), Decide(Session(7) with { UserDisabled = true }, presented, IdleEnd));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(6u)]
    [InlineData(7u)]
    [InlineData(8u)]
    [InlineData(Last)]
    public void Ended_session_precedes_expiry_and_disabled_user(uint presented)
    {
        var session = Session(7) with { EndReason = EndReason.Logout, UserDisabled = true };

        Assert.Equal(new Refuse(EndReason.Logout), Decide(session, presented, AbsoluteEnd));
    }

    [Fact]
    public void Lost_answer_and_36_seconds_in_tunnel_do_not_end_session()
    {
        var session = Session(0);
        session = session.After(Decide(session, 0, RotatedAt)); // the answer is lost

        var back = RotatedAt.AddSeconds(36);
        var retry = Decide(session, 0, back);
        Assert.Equal(new Skip(2, 0, back), retry);
        session = session.After(retry);

        var next = back.AddSeconds(18);
        Assert.Equal(Rotated(2, next), Decide(session, 2, next));
    }

    private static RotationDecision Decide(SessionState session, uint presented, DateTimeOffset now) =>
        Rotation.Decide(session, presented, now, Policy);

    // Gives the two arms of a conditional their common type.
    private static void AssertDecision(RotationDecision expected, RotationDecision actual) => Assert.Equal(expected, actual);

    /// <summary>The decision to rotate: both numbers follow from the presented one.</summary>
    private static Rotate Rotated(uint presented, DateTimeOffset now, bool recovered = false) =>
        new Rotate(presented + 1, presented, now, recovered);

    /// <summary>A session as rotations without late retries leave it.</summary>
    private static SessionState Session(uint generation) =>
        Session(generation, generation == 0 ? null : generation - 1);

    private static SessionState Session(uint generation, uint? newest) =>
        new() { Generation = generation, NewestPresented = newest, CreatedAt = Some.Login, RotatedAt = RotatedAt };
}
