namespace AuthServer.Core.Tests;

/// <summary>The replacement of a session's tokens after a change of credentials.</summary>
public sealed class ReplacementTests
{
    private const uint Last = uint.MaxValue;

    private static readonly SessionPolicy Policy = new();
    private static readonly DateTimeOffset RotatedAt = Some.Login.AddHours(1);
    private static readonly DateTimeOffset Soon = RotatedAt.AddSeconds(1);
    private static readonly DateTimeOffset Late = RotatedAt + Policy.Grace + TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(0u, null, 0u)]
    [InlineData(1u, 0u, 1u)]
    [InlineData(1u, 0u, 0u)]
    [InlineData(9u, 6u, 6u)]
    [InlineData(9u, 6u, 7u)]
    [InlineData(Last - 2, Last - 3, Last - 2)]
    public void Token_that_refresh_would_accept_replaces_all(uint current, uint? newest, uint presented) =>
        Assert.Equal(new Replace(current + 2, current + 1, Soon), Decide(Session(current, newest), presented, Soon));

    [Theory]
    [InlineData(0u, 5u)]
    [InlineData(3u, 4u)]
    public void Token_newer_than_store_replaces_those_that_store_has_lost(uint current, uint presented) =>
        Assert.Equal(new Replace(presented + 2, presented + 1, Late), Decide(Session(current, null), presented, Late));

    [Theory]
    [InlineData(Last - 1)]
    [InlineData(Last)]
    public void Session_without_two_more_generations_expires(uint current) =>
        Assert.Equal(new Expire(), Decide(Session(current, current - 1), current - 1, Soon));

    [Theory]
    [InlineData(2u, 1u, 0u, false)]
    [InlineData(9u, 6u, 5u, false)]
    [InlineData(9u, 6u, 7u, true)]
    [InlineData(9u, 6u, 8u, true)]
    public void Token_that_refresh_would_take_for_reuse_is_reuse(uint current, uint newest, uint presented, bool late) =>
        Assert.Equal(new EndAsReused(), Decide(Session(current, newest), presented, late ? Late : Soon));

    [Fact]
    public void Refusals_are_those_of_refresh()
    {
        var session = Session(3, 2);
        foreach (var reason in Enum.GetValues<EndReason>())
        {
            Assert.Equal(new Refuse(reason), Decide(session with { EndReason = reason }, 3, Soon));
        }

        Assert.Equal(new Expire(), Decide(session, 3, RotatedAt + Policy.IdleLifetime));
        Assert.Equal(new EndAsDisabled(), Decide(session with { UserDisabled = true }, 3, Soon));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(40u)]
    public void Every_token_from_before_is_reuse_at_once(uint current)
    {
        var replace = Assert.IsType<Replace>(Decide(Session(current, current == 0 ? null : current - 1), current, Soon));
        var after = new SessionState
        {
            Generation = replace.Generation,
            NewestPresented = replace.NewestPresented,
            CreatedAt = Some.Login,
            RotatedAt = replace.RotatedAt,
        };
        foreach (var now in new[] { Soon, Soon.AddTicks(1), Late })
        {
            for (uint old = 0; old <= current; old++)
            {
                Assert.Equal(new EndAsReused(), Rotation.Decide(after, old, now, Policy));
                Assert.Equal(new EndAsReused(), Decide(after, old, now));
            }

            Assert.IsType<Rotate>(Rotation.Decide(after, replace.Generation, now, Policy));
        }
    }

    private static RotationDecision Decide(SessionState session, uint presented, DateTimeOffset now) =>
        Rotation.DecideReplacement(session, presented, now, Policy);

    private static SessionState Session(uint current, uint? newest) =>
        new() { Generation = current, NewestPresented = newest, CreatedAt = Some.Login, RotatedAt = RotatedAt };
}
