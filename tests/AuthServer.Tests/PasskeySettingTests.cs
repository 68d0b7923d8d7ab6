using AuthServer.Tests.Support;
using Microsoft.Extensions.Options;

namespace AuthServer.Tests;

/// <summary>The settings of passkeys.</summary>
public sealed class PasskeySettingTests
{
    [Theory]
    [InlineData("Passkeys:Domain", "https://example.com")]
    [InlineData("Passkeys:Domain", "Example.com")]
    [InlineData("Passkeys:Domain", "example.com:443")]
    [InlineData("Passkeys:Domain", "127.0.0.1")]
    [InlineData("Passkeys:Origins:0", "https://example.com/")]
    [InlineData("Passkeys:Origins:0", "android:apk-key-hash:abc")]
    public void Setting_that_can_not_be_used_stops_start(string key, string value)
    {
        var failure = FailedStart.Of<OptionsValidationException>(() => new AuthServerApp((key, value)));
        Assert.StartsWith(key.Split(":0")[0], Assert.Single(failure.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Domain_and_origins_are_those_of_settings()
    {
        const string Android = "android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
        await using var other = new AuthServerApp(
            ("Passkeys:Domain", "example.com"),
            ("Passkeys:Origins:0", Android),
            ("Cors:Origins:0", "https://app.example.com"));
        var ada = await other.LogInAsync("ada");
        Assert.Equal(
            "example.com", (await ada.PasskeyOptionsAsync()).Options.GetProperty("rp").GetProperty("id").GetString());
        foreach (var origin in (string[])[Android, "https://app.example.com"])
        {
            using var one = new SoftwareAuthenticator { Origin = origin };
            await ada.AddAsync(one);
            await (await other.CreateClient().LogInAsync(one)).ShouldBePairAsync();
        }
    }
}
