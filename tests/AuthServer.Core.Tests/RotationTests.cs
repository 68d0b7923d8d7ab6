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

    private static readonly DateTimeOffset Rotated = Some.Login.AddHours(1);
    private static readonly DateTimeOffset Soon = Rotated.AddSeconds(1);
    private static readonly DateTimeOffset IdleEnd = Rotated + Policy.IdleLifetime;
    private static readonly DateTimeOffset AbsoluteEnd = Some.Login + Policy.AbsoluteLifetime;

    public static TheoryData<EndReason> EveryEndReason => [.. Enum.GetValues<EndReason>()];

    [Theory]
    [InlineData(0u, 1u)]
    [InlineData(1u, 2u)]
    [InlineData(7u, 8u)]
    [InlineData(Last - 1, Last)]
    public void Current_token_rotates_to_the_next_generation(uint current, uint next) =>
        Assert.Equal(new Rotate(next, Recovered: false), Rotation.Decide(Session(current), current, Soon, Policy));

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(Last - 1)]
    [InlineData(Last)]
    public void Token_of_the_last_generation_has_no_successor_and_ends_the_session(uint current) =>
        Assert.Equal(new Expire(), Rotation.Decide(Session(current), Last, Soon, Policy));

    [Theory]
    [InlineData(0u, 1u, 2u)]
    [InlineData(0u, 5u, 6u)]
    [InlineData(7u, 1000u, 1001u)]
    [InlineData(0u, Last - 1, Last)]
    [InlineData(Last - 2, Last - 1, Last)]
    public void Token_newer_than_the_store_rotates_from_where_the_client_is(uint current, uint presented, uint next) =>
        Assert.Equal(new Rotate(next, Recovered: true), Rotation.Decide(Session(current), presented, Soon, Policy));

    [Theory]
    [InlineData(1u, 0u)]
    [InlineData(2u, 1u)]
    [InlineData(Last, Last - 1)]
    public void Previous_token_within_grace_gets_the_same_successor(uint current, uint presented) =>
        Assert.Equal(new Repeat(current), Rotation.Decide(Session(current), presented, Soon, Policy));

    [Theory]
    [InlineData(0, true)]
    [InlineData(29_999, true)]
    [InlineData(30_000, true)]
    [InlineData(30_001, false)]
    public void Previous_token_at_the_edge_of_grace_is_a_retry_to_the_last_millisecond(int age, bool retry)
    {
        RotationDecision expected = retry ? new Repeat(7) : new EndAsReused();

        Assert.Equal(expected, Rotation.Decide(Session(7), 6, Rotated.AddMilliseconds(age), Policy));
    }

    [Fact]
    public void Previous_token_one_tick_after_grace_is_reuse() =>
        Assert.Equal(new EndAsReused(), Rotation.Decide(Session(7), 6, Rotated.Add(Policy.Grace).AddTicks(1), Policy));

    [Fact]
    public void Previous_token_on_a_clock_that_was_set_back_is_a_retry() =>
        Assert.Equal(new Repeat(7), Rotation.Decide(Session(7), 6, Rotated.AddMinutes(-5), Policy));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Previous_token_without_grace_is_reuse_even_at_once(int age) =>
        Assert.Equal(
            new EndAsReused(),
            Rotation.Decide(Session(7), 6, Rotated.AddMilliseconds(age), Policy with { Grace = TimeSpan.Zero }));

    [Theory]
    [InlineData(2u, 0u)]
    [InlineData(7u, 5u)]
    [InlineData(7u, 0u)]
    [InlineData(Last, 0u)]
    [InlineData(Last, Last - 2)]
    public void Token_before_the_previous_one_is_reuse_at_once(uint current, uint presented) =>
        Assert.Equal(new EndAsReused(), Rotation.Decide(Session(current), presented, Rotated, Policy));

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Session_at_its_idle_end_is_expired_from_that_very_moment_on(int offset, bool expired)
    {
        RotationDecision expected = expired ? new Expire() : new Rotate(8, Recovered: false);

        Assert.Equal(expected, Rotation.Decide(Session(7), 7, IdleEnd.AddMilliseconds(offset), Policy));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Session_at_its_absolute_end_is_expired_however_lately_it_was_used(int offset, bool expired)
    {
        var session = Session(7) with { RotatedAt = AbsoluteEnd.AddSeconds(-10) };
        RotationDecision expected = expired ? new Expire() : new Rotate(8, Recovered: false);

        Assert.Equal(expected, Rotation.Decide(session, 7, AbsoluteEnd.AddMilliseconds(offset), Policy));
    }

    [Fact]
    public void Session_one_tick_before_its_idle_end_lives() =>
        Assert.Equal(new Rotate(8, Recovered: false), Rotation.Decide(Session(7), 7, IdleEnd.AddTicks(-1), Policy));

    [Fact]
    public void Retry_within_grace_of_a_session_past_its_end_is_expired()
    {
        var session = Session(7) with { RotatedAt = AbsoluteEnd.AddSeconds(-10) };

        Assert.Equal(new Repeat(7), Rotation.Decide(session, 6, AbsoluteEnd.AddMilliseconds(-1), Policy));
        Assert.Equal(new Expire(), Rotation.Decide(session, 6, AbsoluteEnd, Policy));
    }

    [Theory]
    [MemberData(nameof(EveryEndReason))]
    public void Ended_session_refuses_every_token_with_its_reason(EndReason reason)
    {
        var session = Session(7) with { EndReason = reason };

        Assert.All<uint>([0, 5, 6, 7, 8, Last - 1, Last], presented =>
            Assert.Equal(new Refuse(reason), Rotation.Decide(session, presented, Soon, Policy)));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(6u)]
    [InlineData(7u)]
    [InlineData(8u)]
    [InlineData(Last - 1)]
    public void Disabled_user_ends_the_session_whatever_is_presented(uint presented) =>
        Assert.Equal(
            new EndAsDisabled(), Rotation.Decide(Session(7) with { UserDisabled = true }, presented, Soon, Policy));

    [Theory]
    [InlineData(0u)]
    [InlineData(6u)]
    [InlineData(7u)]
    [InlineData(8u)]
    [InlineData(Last)]
    public void Expired_session_comes_before_a_disabled_user_and_every_generation(uint presented)
    {
        Assert.Equal(new Expire(), Rotation.Decide(Session(7), presented, IdleEnd, Policy));
        Assert.Equal(new Expire(), Rotation.Decide(Session(7) with { UserDisabled = true }, presented, IdleEnd, Policy));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(6u)]
    [InlineData(7u)]
    [InlineData(8u)]
    [InlineData(Last)]
    public void Ended_session_comes_before_expiry_and_a_disabled_user(uint presented)
    {
        var session = Session(7) with { EndReason = EndReason.Logout, UserDisabled = true };

        Assert.Equal(new Refuse(EndReason.Logout), Rotation.Decide(session, presented, AbsoluteEnd, Policy));
    }

    private static SessionState Session(uint generation) =>
        new() { Generation = generation, CreatedAt = Some.Login, RotatedAt = Rotated };
}
