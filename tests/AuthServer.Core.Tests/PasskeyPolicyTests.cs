namespace AuthServer.Core.Tests;

public sealed class PasskeyPolicyTests
{
    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0, 1, true)]
    [InlineData(1, 2, true)]
    [InlineData(1, 1, false)]
    [InlineData(1, 0, false)]
    [InlineData(uint.MaxValue, 0, false)]
    public void Counter_rises_unless_there_is_none(long stored, uint presented, bool isNext) =>
        Assert.Equal(isNext, PasskeyPolicy.IsNext(stored, presented));

    [Fact]
    public void Synced_passkey_is_software_key()
    {
        Assert.Equal(AuthenticationMethods.SoftwareKey | AuthenticationMethods.MultiFactor, PasskeyPolicy.MethodsOf(true));
        Assert.Equal(AuthenticationMethods.HardwareKey | AuthenticationMethods.MultiFactor, PasskeyPolicy.MethodsOf(false));
    }

    [Theory]
    [InlineData(null, "Passkey")]
    [InlineData("", "Passkey")]
    [InlineData("AuthServer.Client/1.0.0", "Passkey")]
    [InlineData("AuthServer.Client/1.0.0 (Linux)", "Linux")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Mac")]
    [InlineData("Mozilla/5.0 (Linux; Android 15) Chrome/140.0.0.0 Mobile Safari/537.36 EdgA/140.0", "Edge on Android")]
    public void Name_is_of_browser_and_system(string? userAgent, string name) =>
        Assert.Equal(name, PasskeyPolicy.NameOf(userAgent));
}
