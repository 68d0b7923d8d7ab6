namespace AuthServer.Core.Tests;

/// <summary>The effect of a session handle.</summary>
public sealed class SessionUseTests
{
    private static readonly SessionPolicy Policy = new();
    private static readonly DateTimeOffset LastUse = Some.Login.AddHours(1);

    [Theory]
    [InlineData(0u, 0, false)]
    [InlineData(7u, 299, false)]
    [InlineData(7u, 300, true)]
    public void Handle_of_epoch_is_accepted_and_due_every_five_minutes(uint epoch, int seconds, bool isDue) =>
        Assert.Equal(new AcceptUse(epoch, isDue), Decide(Session(epoch), epoch, LastUse.AddSeconds(seconds)));

    [Fact]
    public void Handle_of_higher_epoch_is_accepted_and_due_at_once() =>
        Assert.Equal(new AcceptUse(9, IsDue: true), Decide(Session(7), 9, LastUse));

    [Theory]
    [InlineData(1u, 0u)]
    [InlineData(7u, 6u)]
    [InlineData(uint.MaxValue - 1, 0u)]
    public void Handle_of_lower_epoch_is_refused_and_ends_nothing(uint stored, uint epoch)
    {
        foreach (var seconds in new[] { 0, 1, 3600 })
        {
            Assert.Equal(new RefuseOldHandle(), Decide(Session(stored), epoch, LastUse.AddSeconds(seconds)));
        }
    }

    [Fact]
    public void Session_that_is_over_is_refused_before_handle_is_compared()
    {
        var session = Session(7);
        foreach (var epoch in new[] { 6u, 7u, 8u })
        {
            foreach (var reason in Enum.GetValues<EndReason>())
            {
                Assert.Equal(new RefuseUse(reason), Decide(session with { EndReason = reason }, epoch, LastUse));
            }

            Assert.Equal(new RefuseUse(EndReason.Disabled), Decide(session with { UserDisabled = true }, epoch, LastUse));
            var idleEnd = LastUse + Policy.IdleLifetime;
            Assert.Equal(new RefuseUse(EndReason.Expired), Decide(session, epoch, idleEnd));
            Assert.NotEqual(new RefuseUse(EndReason.Expired), Decide(session, epoch, idleEnd.AddTicks(-1)));
        }

        var used = session with { RotatedAt = Some.Login + Policy.AbsoluteLifetime - TimeSpan.FromSeconds(1) };
        Assert.Equal(new RefuseUse(EndReason.Expired), Decide(used, 7, Some.Login + Policy.AbsoluteLifetime));
    }

    [Fact]
    public void Last_epoch_is_never_accepted() =>
        Assert.Equal(new RefuseUse(EndReason.Expired), Decide(Session(7), uint.MaxValue, LastUse));

    private static SessionState Session(uint epoch) =>
        new() { Generation = epoch, CreatedAt = Some.Login, RotatedAt = LastUse };

    private static UseDecision Decide(SessionState session, uint epoch, DateTimeOffset now) =>
        SessionUse.Decide(session, epoch, now, Policy);
}
