namespace AuthServer.Core.Tests;

public sealed class SessionPolicyTests
{
    [Fact]
    public void Policy_without_settings_is_that_of_the_contract()
    {
        var policy = new SessionPolicy();

        Assert.Equal(TimeSpan.FromDays(14), policy.IdleLifetime);
        Assert.Equal(TimeSpan.FromDays(90), policy.AbsoluteLifetime);
        Assert.Equal(TimeSpan.FromSeconds(30), policy.Grace);
        Assert.Equal(0, policy.MaxPerUser);
        Assert.Equal(WhenFull.Displace, policy.WhenFull);
    }

    [Theory]
    [InlineData(0, 14)]
    [InlineData(75, 89)]
    [InlineData(76, 90)]
    [InlineData(77, 90)]
    [InlineData(89, 90)]
    public void Expiry_is_the_idle_end_but_never_past_the_absolute_end(int rotatedOnDay, int overOnDay) =>
        Assert.Equal(
            Some.Login.AddDays(overOnDay), new SessionPolicy().ExpiryOf(Some.Login, Some.Login.AddDays(rotatedOnDay)));

    [Fact]
    public void Expiry_where_the_absolute_life_is_the_shorter_one_is_the_absolute_end()
    {
        var policy = new SessionPolicy { IdleLifetime = TimeSpan.FromHours(2), AbsoluteLifetime = TimeSpan.FromHours(1) };

        Assert.Equal(Some.Login.AddHours(1), policy.ExpiryOf(Some.Login, Some.Login));
    }
}
