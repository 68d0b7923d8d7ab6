namespace AuthServer.Core.Tests;

public sealed class SessionAdmissionTests
{
    [Theory]
    [InlineData(WhenFull.Displace)]
    [InlineData(WhenFull.Refuse)]
    public void Login_without_a_limit_ends_nothing(WhenFull whenFull) =>
        Assert.Equal([], SessionAdmission.Admit(LiveSessions(1, 2, 3, 4, 5), Policy(0, whenFull)));

    [Theory]
    [InlineData(WhenFull.Displace)]
    [InlineData(WhenFull.Refuse)]
    public void First_login_of_all_ends_nothing(WhenFull whenFull) =>
        Assert.Equal([], SessionAdmission.Admit([], Policy(1, whenFull)));

    [Theory]
    [InlineData(WhenFull.Displace)]
    [InlineData(WhenFull.Refuse)]
    public void Login_that_takes_the_last_free_place_ends_nothing(WhenFull whenFull) =>
        Assert.Equal([], SessionAdmission.Admit(LiveSessions(1, 2), Policy(3, whenFull)));

    [Fact]
    public void Login_at_the_limit_displaces_the_oldest() =>
        Assert.Equal([Id(1)], SessionAdmission.Admit(LiveSessions(3, 1, 2), Policy(3, WhenFull.Displace)));

    [Fact]
    public void Login_on_a_single_device_displaces_the_other_one() =>
        Assert.Equal([Id(9)], SessionAdmission.Admit(LiveSessions(9), Policy(1, WhenFull.Displace)));

    [Fact]
    public void Login_after_the_limit_was_lowered_displaces_all_that_are_too_many_oldest_first() =>
        Assert.Equal(
            [Id(1), Id(2), Id(3), Id(4)],
            SessionAdmission.Admit(LiveSessions(5, 3, 1, 4, 2), Policy(2, WhenFull.Displace)));

    [Fact]
    public void Login_among_sessions_of_one_moment_displaces_by_id()
    {
        LiveSession[] live = [new(Id(3), Some.Login), new(Id(1), Some.Login), new(Id(2), Some.Login)];

        Assert.Equal([Id(1), Id(2)], SessionAdmission.Admit(live, Policy(2, WhenFull.Displace)));
    }

    [Fact]
    public void Age_comes_before_id_where_they_disagree()
    {
        LiveSession[] live = [new(Id(1), Some.Login.AddTicks(1)), new(Id(2), Some.Login)];

        Assert.Equal([Id(2)], SessionAdmission.Admit(live, Policy(2, WhenFull.Displace)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Login_at_or_over_the_limit_is_refused_where_the_policy_says_so(int limit) =>
        Assert.Null(SessionAdmission.Admit(LiveSessions(1, 2, 3), Policy(limit, WhenFull.Refuse)));

    private static SessionPolicy Policy(int limit, WhenFull whenFull) => new() { MaxPerUser = limit, WhenFull = whenFull };

    /// <summary>A session for each number, logged in at that minute.</summary>
    private static LiveSession[] LiveSessions(params int[] minutes) =>
        [.. minutes.Select(minute => new LiveSession(Id(minute), Some.Login.AddMinutes(minute)))];

    private static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
