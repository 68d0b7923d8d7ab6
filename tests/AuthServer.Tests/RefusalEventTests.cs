using AuthServer.Core;
using AuthServer.Observability;
using AuthServer.Tests.Support;
using Microsoft.Extensions.Logging;

namespace AuthServer.Tests;

/// <summary>Refusals and failures, which are counted by network, and their lines in the log.</summary>
public sealed class RefusalEventTests
{
    private const string Address = "203.0.113.7";
    private const string Network = "203.0.113.0/24";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("registration_refused", "POST", "/register", """{"username":"ada","password":"velvet harbour umbrella"}""")]
    [InlineData("token_rejected", "GET", "/me", null)]
    [InlineData("token_rejected", "POST", "/refresh", """{"refreshToken":"forged"}""")]
    [InlineData("request_invalid", "POST", "/login", """{"username":"ada","unknown":1}""")]
    [InlineData("cross_site_refused", "POST", "/login?transport=cookie", "{}")]
    public async Task Refusal_is_counted_by_network_and_logged(
        string name, string method, string path, string? body)
    {
        await using var app = NewApp();
        await app.LogInAsync("ada");
        for (var repeat = 0; repeat < 3; repeat++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path)
            {
                Content = body is null ? null : HttpAssertions.Text(body),
            };
            request.Headers.TryAddWithoutValidation("Authorization", body is null ? "Bearer forged" : null);
            request.Headers.Add("Origin", "https://evil.example");
            var answer = await ClientAddresses.Create(app, $"203.0.113.{repeat}").SendAsync(request, Ct);
            Assert.InRange((int)answer.StatusCode, 400, 499);
        }

        Assert.Equal(3, app.Log.Lines.Count(line => line.Event == name));
        app.Log.LineShouldBe(name, app.Log.Lines.First(line => line.Event == name).Level, "from 203.0.113.2");
        var row = Assert.Single(await app.CountedAsync());
        Assert.Equal((null, Network, 3, "203.0.113.2"), (row.UserId, row.Network, row.Count, row.IpAddress));
        Assert.Equal(name, EventKinds.NameOf(row.Kind));
    }

    [Fact]
    public async Task Expired_token_is_no_event()
    {
        await using var app = NewApp();
        var ada = await app.LogInAsync("ada");
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await (await ada.GetAsync("/me")).ShouldBeProblemAsync(401, "access_token_expired");
        await (await app.CreateClient().GetAsync("/me", Ct)).ShouldBeProblemAsync(401, "access_token_missing");
        Assert.Empty(await app.CountedAsync());
    }

    [Fact]
    public async Task Exceeded_rate_limit_is_counted_by_network()
    {
        await using var app = new AuthServerApp(ClientAddresses.AddTo, ("RateLimits:Enabled", "true"));
        var http = ClientAddresses.Create(app, "2001:db8:1:2::3");
        for (var request = 0; request < 63; request++)
        {
            await http.PostAsync("/login", new { username = "ada" });
        }

        app.Log.LineShouldBe("rate_limited", LogLevel.Warning, "Rate limit exceeded from 2001:db8:1:2::3");
        var row = Assert.Single(await app.CountedAsync(), row => row.Kind == EventKind.RateLimited);
        Assert.Equal(("2001:db8:1::/48", 3), (row.Network, row.Count));
    }

    [Fact]
    public async Task Unexpected_exception_is_counted_with_its_line()
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(services =>
        {
            probe.AddTo(services);
            ClientAddresses.AddTo(services);
        });
        var http = ClientAddresses.Create(app, Address);
        probe.CommandFault = new InvalidOperationException("the cause");
        await (await http.PostAsync("/refresh", new { refreshToken = "x" })).ShouldBeProblemAsync(401, "refresh_token_invalid");
        var login = await http.PostAsync("/login", new { username = "ada", password = "wrong" });
        await login.ShouldBeProblemAsync(500, "internal_error");
        probe.CommandFault = null;
        app.Log.LineShouldBe("request_failed", LogLevel.Error, "the cause");
        Assert.Contains(await app.CountedAsync(), row => (row.Kind, row.Network) == (EventKind.RequestFailed, Network));
    }

    [Fact]
    public async Task Refused_permission_is_counted_with_caller_in_line()
    {
        await using var app = NewApp();
        var user = Guid.NewGuid();
        app.Get<IEventCounter>().Count(new SecurityEvent(EventKind.Forbidden, new ClientInfo(Address, null), user));
        app.Log.LineShouldBe("forbidden", LogLevel.Warning, $"Permission refused from {Address}; user {user}");
        var row = Assert.Single(await app.CountedAsync());
        Assert.Equal((EventKind.Forbidden, Network, null), (row.Kind, row.Network, row.UserId));
    }

    private static AuthServerApp NewApp() => new(ClientAddresses.AddTo);
}
