namespace AuthServer.Core.Tests;

/// <summary>The decision whether a password is checked, by the failures before, and the ids that these have.</summary>
public sealed class LoginAdmissionTests
{
    private static readonly DateTimeOffset Now = Some.Login;
    private static readonly FailureLimits Limits = new();

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Known_device_is_held_against_its_own_failures_alone(int failures) => Assert.IsType<AdmitDevice>(
        LoginAdmission.Decide(new(Device(failures), Account(1000), [Network(1000, 0)]), Limits, Now));

    [Fact]
    public void Device_with_10_failures_is_not_known()
    {
        Assert.IsType<AdmitCaller>(LoginAdmission.Decide(new(Device(10), Account(0), []), Limits, Now));
        Assert.IsType<WaitForAttempt>(LoginAdmission.Decide(new(Device(10), Account(100), []), Limits, Now.AddSeconds(0.5)));
        Assert.IsType<AdmitCaller>(LoginAdmission.Decide(new(Device(10), Account(0), []), Limits, Now.AddDays(179)));
    }

    [Fact]
    public void Caller_waits_for_longest_of_all_counts()
    {
        var networks = new[] { Network(103, 0), Network(401, 1) };
        Assert.Equal(
            new WaitForAttempt(TimeSpan.FromSeconds(8)), LoginAdmission.Decide(new(null, Account(102), networks), Limits, Now));
        Assert.Equal(
            new WaitForAttempt(TimeSpan.FromSeconds(16)), LoginAdmission.Decide(new(null, Account(104), networks), Limits, Now));
        Assert.Equal(
            new WaitForAttempt(TimeSpan.FromSeconds(2)),
            LoginAdmission.Decide(new(null, Account(99), [Network(99, 0), Network(401, 1)]), Limits, Now));
        Assert.IsType<AdmitCaller>(
            LoginAdmission.Decide(new(null, Account(99), [Network(99, 0), Network(399, 1), Network(1599, 2)]), Limits, Now));
    }

    [Fact]
    public void Network_delays_one_minute_at_most() => Assert.Equal(
        new WaitForAttempt(TimeSpan.FromMinutes(1)),
        LoginAdmission.Decide(new(null, default, [Network(5000, 0)]), Limits, Now));

    [Fact]
    public void Wider_network_has_four_times_as_much_room_and_speed()
    {
        Assert.Equal(new FailureLimit(400, TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1)), Limits.OfNetwork(1));
        Assert.Equal(new FailureLimit(1600, TimeSpan.FromSeconds(3.75), TimeSpan.FromMinutes(1)), Limits.OfNetwork(2));
    }

    [Fact]
    public void Each_bucket_has_id_of_its_own()
    {
        var keys = new FailureKeys(Some.Roots(1));
        var (near, far) = (ClientNetworks.Of("203.0.113.7")[0], ClientNetworks.Of("203.0.113.7")[1]);
        Guid[] ids =
        [
            keys.OfStrangers("ada"), keys.OfStrangers("bob"), keys.OfStrangers($"{far} ada"), keys.OfBlock("ada", far),
            keys.OfBlock("bob", far), keys.OfBlock("ada", near), keys.OfNetwork(near), keys.OfNetwork(far),
            keys.OfDevice(Some.Session), keys.OfStrangers(Some.Session.ToString()),
            new FailureKeys(Some.Roots(2)).OfStrangers("ada"),
        ];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(keys.OfStrangers("ada"), new FailureKeys(Some.Roots(1)).OfStrangers("ada"));
    }

    private static FailureBucket Device(int failures) => default(FailureBucket).Add(failures, Now, Limits.Device.Fade);

    private static FailureBucket Account(int failures) => default(FailureBucket).Add(failures, Now, Limits.Account.Fade);

    private static FailureBucket Network(int failures, int width) =>
        default(FailureBucket).Add(failures, Now, Limits.OfNetwork(width).Fade);
}
