namespace AuthServer.Core.Tests;

public sealed class SessionAdmissionTests
{
    [Theory]
    [InlineData(WhenFull.Displace)]
    [InlineData(WhenFull.Refuse)]
    public void Login_without_limit_ends_nothing(WhenFull whenFull) =>
        Assert.Empty(Displaced(LiveSessions(1, 2, 3, 4, 5), Policy(0, whenFull)));

    [Theory]
    [InlineData(WhenFull.Displace)]
    [InlineData(WhenFull.Refuse)]
    public void First_login_of_user_ends_nothing(WhenFull whenFull) =>
        Assert.Empty(Displaced([], Policy(1, whenFull)));

    [Theory]
    [InlineData(WhenFull.Displace)]
    [InlineData(WhenFull.Refuse)]
    public void Login_within_limit_ends_nothing(WhenFull whenFull) =>
        Assert.Empty(Displaced(LiveSessions(1, 2), Policy(3, whenFull)));

    [Fact]
    public void Login_at_limit_displaces_oldest_session() =>
        Assert.Equal([Id(1)], Displaced(LiveSessions(3, 1, 2), Policy(3, WhenFull.Displace)));

    [Fact]
    public void Login_with_limit_of_one_displaces_other_session() =>
        Assert.Equal([Id(9)], Displaced(LiveSessions(9), Policy(1, WhenFull.Displace)));

    [Fact]
    public void Login_after_limit_was_lowered_displaces_excess_oldest_first() =>
        Assert.Equal(
            [Id(1), Id(2), Id(3), Id(4)],
            Displaced(LiveSessions(5, 3, 1, 4, 2), Policy(2, WhenFull.Displace)));

    [Fact]
    public void Login_among_sessions_of_one_moment_displaces_by_id()
    {
        LiveSession[] live = [new(Id(3), Some.Login), new(Id(1), Some.Login), new(Id(2), Some.Login)];

        Assert.Equal([Id(1), Id(2)], Displaced(live, Policy(2, WhenFull.Displace)));
    }

    [Fact]
    public void Age_precedes_id_if_they_disagree()
    {
        LiveSession[] live = [new(Id(1), Some.Login.AddTicks(1)), new(Id(2), Some.Login)];

        Assert.Equal([Id(2)], Displaced(live, Policy(2, WhenFull.Displace)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Login_at_or_over_limit_is_refused_if_policy_says_so(int limit) =>
        Assert.IsType<AdmissionRefused>(SessionAdmission.Admit(LiveSessions(1, 2, 3), Policy(limit, WhenFull.Refuse)));

    /// <summary>The sessions that an admitted login displaces.</summary>
    private static IReadOnlyList<Guid> Displaced(IReadOnlyCollection<LiveSession> live, SessionPolicy policy) =>
        Assert.IsType<Admitted>(SessionAdmission.Admit(live, policy)).Displaced;

    private static SessionPolicy Policy(int limit, WhenFull whenFull) => new() { MaxPerUser = limit, WhenFull = whenFull };

    /// <summary>A session for each number, with its login at that minute.</summary>
    private static LiveSession[] LiveSessions(params int[] minutes) =>
        [.. minutes.Select(minute => new LiveSession(Id(minute), Some.Login.AddMinutes(minute)))];

    private static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
