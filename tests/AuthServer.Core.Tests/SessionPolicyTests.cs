namespace AuthServer.Core.Tests;

public sealed class SessionPolicyTests
{
    [Fact]
    public void Policy_without_settings_is_that_of_contract()
    {
        var policy = new SessionPolicy();

        Assert.Equal(TimeSpan.FromDays(14), policy.IdleLifetime);
        Assert.Equal(TimeSpan.FromDays(90), policy.AbsoluteLifetime);
        Assert.Equal(TimeSpan.FromSeconds(30), policy.Grace);
        Assert.True(policy.LateRetries);
        Assert.Equal(100, policy.MaxPerUser);
        Assert.Equal(WhenFull.Displace, policy.WhenFull);
    }

    [Theory]
    [InlineData(0, 14)]
    [InlineData(75, 89)]
    [InlineData(76, 90)]
    [InlineData(77, 90)]
    [InlineData(89, 90)]
    public void Expiry_is_idle_end_but_never_past_absolute_end(int rotatedOnDay, int overOnDay) =>
        Assert.Equal(
            Some.Login.AddDays(overOnDay), new SessionPolicy().ExpiryOf(Some.Login, Some.Login.AddDays(rotatedOnDay)));

    [Theory]
    [InlineData(true, 30, true)]
    [InlineData(true, 0, false)]
    [InlineData(false, 30, false)]
    [InlineData(false, 0, false)]
    public void Late_retries_are_off_if_switched_off_or_without_grace(bool lateRetries, int graceSeconds, bool taken)
    {
        var policy = new SessionPolicy { LateRetries = lateRetries, Grace = TimeSpan.FromSeconds(graceSeconds) };

        Assert.Equal(taken, policy.TakesLateRetries);
    }

    [Fact]
    public void Expiry_with_shorter_absolute_lifetime_is_absolute_end()
    {
        var policy = new SessionPolicy { IdleLifetime = TimeSpan.FromHours(2), AbsoluteLifetime = TimeSpan.FromHours(1) };

        Assert.Equal(Some.Login.AddHours(1), policy.ExpiryOf(Some.Login, Some.Login));
    }
}
