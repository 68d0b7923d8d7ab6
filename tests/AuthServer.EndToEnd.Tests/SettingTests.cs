using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class SettingTests
{
    [Theory]
    [InlineData("Tokens:AccessLifetime", "00:00:01")]
    [InlineData("Tokens:AccessLifetime", "00:05:01")]
    [InlineData("Tokens:AccessLifetime", "00:00:02.5")]
    [InlineData("Tokens:AccessLifetime", "abc")]
    [InlineData("Tokens:Algorithm", "none")]
    [InlineData("Tokens:Issuer", "")]
    [InlineData("Tokens:Audience", "")]
    [InlineData("Tokens:ClientId", "")]
    [InlineData("Sessions:IdleLifetime", "0")]
    [InlineData("Sessions:AbsoluteLifetime", "00:00:59")]
    [InlineData("Sessions:Grace", "00:06:00")]
    [InlineData("Sessions:Grace", "-00:00:01")]
    [InlineData("Sessions:MaxPerUser", "-1")]
    [InlineData("Sessions:WhenFull", "banana")]
    [InlineData("Sessions:WhenFull", "7")]
    [InlineData("Passwords:WorkFactor", "3")]
    [InlineData("Passwords:WorkFactor", "17")]
    [InlineData("Passwords:MinimumLength", "0")]
    [InlineData("Passwords:MinimumLength", "257")]
    [InlineData("Events:Retention", "00:00:01")]
    [InlineData("Storage:Provider", "oracle")]
    [InlineData("Storage:MigrateAtStart", "perhaps")]
    [InlineData("Data:Directory", "")]
    [InlineData("ConnectionStrings:AuthServer", "Data Source=:memory:")]
    [InlineData("Accounts:Registration", "perhaps")]
    [InlineData("RateLimits:Enabled", "perhaps")]
    [InlineData("Proxies:Known:0", "not-an-address", "Proxies:Known")]
    [InlineData("Cors:Origins:0", "*", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "null", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "https://app.example.com/", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "https://App.example.com", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "https://app.example.com:443", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "https://*.example.com", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "ftp://app.example.com", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "app.example.com", "Cors:Origins")]
    [InlineData("Tokens:AccesLifetime", "00:00:20")]
    [InlineData("Proxies:Known", "127.0.0.1")]
    [InlineData("Keys:Access", "only a key")]
    [InlineData("Keys:Directory", "")]
    [InlineData("Keys:Acces:1", "x", "Keys:Acces")]
    [InlineData("ConnectionStrings:AuthServer", "not a connection string")]
    public async Task Invalid_setting_prevents_start(string key, string value, string? named = null)
    {
        using var data = new DataFolder();
        var exit = await ServerProcess.RunAsync(data, $"{key}={value}");
        exit.ShouldBeRefusal(named ?? key);
        Assert.Empty(exit.Output);
        Assert.False(Directory.Exists(data.Data));
    }

    [Theory]
    [InlineData("Tokens:AccessLifetime", "00:00:02")]
    [InlineData("Tokens:AccessLifetime", "00:05:00")]
    public async Task Setting_at_limit_of_its_range_is_accepted(string key, string value)
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data, $"{key}={value}");
        await server.Http.RegisterAsync("ada");
        Assert.Equal(TimeSpan.Parse(value, null).TotalSeconds, (await server.Http.LogInAsync("ada")).ExpiresIn);
    }

    [Fact]
    public async Task Setting_can_be_environment_variable()
    {
        using var data = new DataFolder();
        var variables = new Dictionary<string, string> { ["Tokens__AccessLifetime"] = "00:00:07" };
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data) { Variables = variables });
        await server.Http.RegisterAsync("ada");
        Assert.Equal(7, (await server.Http.LogInAsync("ada")).ExpiresIn);

        variables["Tokens__AccessLifetime"] = "abc";
        var exit = await ServerProcess.RunAsync(new ServerCommand(data) { Variables = variables });
        exit.ShouldBeRefusal("Tokens:AccessLifetime");
    }
}
