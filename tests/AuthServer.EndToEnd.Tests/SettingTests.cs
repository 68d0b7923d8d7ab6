using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class SettingTests
{
    [Theory]
    [InlineData("Tokens:AccessLifetime", "00:00:01")]
    [InlineData("Tokens:AccessLifetime", "00:05:01")]
    [InlineData("Tokens:AccessLifetime", "00:00:02.5")]
    [InlineData("Tokens:AccessLifetime", "abc")]
    [InlineData("Tokens:AccessLifetime", "20", "Tokens:AccessLifetime would be 20 days; write it as hh:mm:ss or d.hh:mm:ss.")]
    [InlineData("Events:Retention", "30", "Events:Retention would be 30 days")]
    [InlineData("Tokens:Issuer", "auth.example.com")]
    [InlineData("Tokens:Issuer", "ftp://auth.example.com")]
    [InlineData("Tokens:Issuer", "/auth")]
    [InlineData("Cors:Headers:0", "X Header", "Cors:Headers")]
    [InlineData("Tokens:Algorithm", "none")]
    [InlineData("Tokens:Issuer", "")]
    [InlineData("Tokens:Audience", "")]
    [InlineData("Tokens:ClientId", "")]
    [InlineData("Sessions:IdleLifetime", "0")]
    [InlineData("Sessions:AbsoluteLifetime", "00:00:59")]
    [InlineData("Sessions:Grace", "00:06:00")]
    [InlineData("Sessions:Grace", "-00:00:01")]
    [InlineData("Sessions:MaxPerUser", "-1")]
    [InlineData("Sessions:CookieDomain", "localhost")]
    [InlineData("Accounts:RequireSecondFactor:0", "Administrators and such", "Accounts:RequireSecondFactor")]
    [InlineData("Sessions:CookieDomain", ".example.com")]
    [InlineData("Sessions:CookieDomain", "10.0.0.1")]
    [InlineData("Sessions:CookieDomain", "example.com; path=/x")]
    [InlineData("ForwardAuth:Audience", "authserver")]
    [InlineData("ForwardAuth:Enabled", "perhaps")]
    [InlineData("ForwardAuth:Origins:0", "https://*.example.com", "ForwardAuth:Origins")]
    [InlineData("Branding:Name", " ")]
    [InlineData("Branding:Color", "blue")]
    [InlineData("Branding:Color", "#2d5bd")]
    [InlineData("Branding:Terms", "/terms", "Branding:Terms")]
    [InlineData("Branding:Privacy", "mailto:help@example.com", "Branding:Privacy")]
    [InlineData("Branding:Support", "javascript:alert(1)", "Branding:Support")]
    [InlineData("Branding:Logo", "missing.svg")]
    [InlineData("Branding:Logo", "/etc/hostname")]
    [InlineData("Playground:Enabled", "perhaps")]
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
    [InlineData("RateLimits:Credentials:Burst", "0")]
    [InlineData("RateLimits:Sessions:PerSecond", "many")]
    [InlineData("RateLimits:Sessions", "100", "write it as RateLimits:Sessions:Burst and RateLimits:Sessions:PerSecond.")]
    [InlineData("RateLimits:NetworkFactor", "257")]
    [InlineData("RateLimits:RegistrationsPerDay", "0")]
    [InlineData("RateLimits:LoginsPerDay", "1000001")]
    [InlineData("Connections:Max", "0")]
    [InlineData("Connections:RequestTimeout", "00:00:01")]
    [InlineData("Connections:IdleTimeout", "01:00:01")]
    [InlineData("Metrics:Url", "127.0.0.1:9464")]
    [InlineData("Metrics:Url", "https://127.0.0.1:9464")]
    [InlineData("Metrics:Url", "http://127.0.0.1:9464/metrics")]
    [InlineData("Metrics:AllowRemote", "perhaps")]
    [InlineData("Proxies:Known:0", "not-an-address", "Proxies:Known")]
    [InlineData("Cors:Origins:0", "*", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "null", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "https://app.example.com/", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "https://App.example.com", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "https://app.example.com:443", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "https://*.example.com", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "ftp://app.example.com", "Cors:Origins")]
    [InlineData("Cors:Origins:0", "app.example.com", "Cors:Origins")]
    [InlineData("ExternalLogins:Providers:acme:ClientId", "1", "ExternalLogins:Providers:acme:Type is missing")]
    [InlineData("Proxies:Known", "127.0.0.1")]
    [InlineData("Keys:Root", "only a key")]
    [InlineData("Keys:Directory", "")]
    [InlineData("ConnectionStrings:AuthServer", "not a connection string")]
    [InlineData("Logging:LogLevel:Default", "Loud", "Logging:LogLevel:Default can't be read; write it as trace or debug or")]
    [InlineData("Logging:LogLevel:Npgsql", "7", "Logging:LogLevel:Npgsql")]
    [InlineData("Logging:Console:LogLevel:AuthServer", "warn", "Logging:Console:LogLevel:AuthServer")]
    [InlineData("Logging:LogLevel", "Debug", "set Logging:LogLevel:Default")]
    public async Task Invalid_setting_prevents_start(string key, string value, string? named = null)
    {
        using var data = new DataFolder();
        var exit = await ServerProcess.RunAsync(data, $"{key}={value}");
        exit.ShouldBeRefusal(named ?? key);
        Assert.Empty(exit.Output);
        Assert.False(Directory.Exists(data.Data));
    }

    [Theory]
    [InlineData("Tokens:AccesLifetime", "did you mean Tokens:AccessLifetime?")]
    [InlineData("tokens:isuer", "did you mean Tokens:Issuer?")]
    [InlineData("Keys:Rot:1", "did you mean Keys:Root?")]
    [InlineData("Tokens:Lifetime", "Tokens has Issuer, Audience")]
    [InlineData("RateLimits:Credential:Burst", "did you mean RateLimits:Credentials?")]
    [InlineData("RateLimits:Credentials:Bursts", "did you mean RateLimits:Credentials:Burst?")]
    [InlineData("Session:Grace", "did you mean Sessions?")]
    [InlineData("Regstration", "did you mean Accounts:Registration?")]
    [InlineData("WorkFactor", "did you mean Passwords:WorkFactor?")]
    [InlineData("url", "did you mean urls?")]
    [InlineData("ConnectionStrings:AuthSever", "did you mean ConnectionStrings:AuthServer?")]
    [InlineData("ConnectionStrings:Orders", "ConnectionStrings has AuthServer.")]
    [InlineData("Banana", "Banana is no setting; the guide lists all of them.")]
    public async Task Unknown_setting_prevents_start_and_nearest_is_named(string key, string sentence)
    {
        using var data = new DataFolder();
        var exit = await ServerProcess.RunAsync(data, $"{key}=00:00:20");
        exit.ShouldBeRefusal(sentence, code: 2);
        Assert.Empty(exit.Output);
        Assert.False(Directory.Exists(data.Data));
    }

    [Theory]
    [InlineData("Session__Grace", "Session is no setting; did you mean Sessions?")]
    [InlineData("TOKEN__ISSUER", "TOKEN is no setting; did you mean Tokens?")]
    [InlineData("ConnectionStrings__AuthSever", "did you mean ConnectionStrings:AuthServer?")]
    [InlineData("ConnectionString__AuthServer", "did you mean ConnectionStrings?")]
    [InlineData("CUSTOMCONNSTR_AuthServr", "did you mean ConnectionStrings:AuthServer?")]
    [InlineData("Sessions__Graze", "did you mean Sessions:Grace?")]
    public async Task Variable_that_is_nearly_setting_prevents_start(string name, string sentence)
    {
        using var data = new DataFolder();
        var command = new ServerCommand(data) { Variables = new Dictionary<string, string> { [name] = "00:00:10" } };
        (await ServerProcess.RunAsync(command)).ShouldBeRefusal(sentence, code: 2);
        Assert.False(Directory.Exists(data.Data));
    }

    [Fact]
    public async Task Variables_of_other_programs_prevent_no_start()
    {
        using var data = new DataFolder();
        var variables = new Dictionary<string, string>
        {
            ["SESSION"] = "1",
            ["TOKEN"] = "x",
            ["Storages"] = "x",
            ["Orders__Keys__Directory"] = "x",
            ["ConnectionStrings__Orders"] = "Server=db.example.com",
            ["SQLCONNSTR_Orders"] = "Server=db.example.com",
            ["OTEL_SERVICE_NAME"] = "login",
        };
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data) { Variables = variables });
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
