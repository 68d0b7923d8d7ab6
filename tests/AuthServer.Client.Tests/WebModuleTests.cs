using System.Globalization;
using System.Text.Json;
using AuthServer.Client.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Client.Tests;

/// <summary>The module for browsers and Node, in Node: its own tests, and what it is for against the real server on Kestrel.</summary>
public sealed class WebModuleTests
{
    private static readonly string Scripts = Path.Combine(Built.TestProject, "Web");

    [Fact]
    public async Task Module_passes_its_own_tests()
    {
        var output = await Tool.RunAsync("node", Scripts, ["--test", "--test-timeout=60000", "--test-reporter=tap"]);
        Assert.Matches("# pass [1-9][0-9]", output);
        Assert.Contains("# fail 0", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Thousand_requests_over_a_hundred_lifetimes_do_not_fail_however_wrong_the_clock(int hours)
    {
        await using var server = await RealServer.StartAsync(("Tokens:AccessLifetime", "00:00:02"));
        var report = await GoThroughAsync(server, "thousand", hours);
        Assert.Equal(new() { ["200"] = 1000 }, report.Statuses);
        Assert.Equal((0, 1, 0), (report.Failures, report.Logins, report.Ends));
        Assert.InRange(report.Tokens, 101, 251);
        Assert.Equal(report.Tokens, 1 + report.Refreshes);
        Assert.Equal(report.Refreshes, await RotationsAsync(server));
        Assert.DoesNotContain(server.Proxy.Passages, passage => passage.Status == 401);
        Assert.All(server.Proxy.Refreshes, refresh => Assert.Null(refresh.Authorization));
    }

    [Fact]
    public async Task Two_hundred_requests_on_an_expired_token_cause_one_refresh()
    {
        await using var server = await RealServer.StartAsync();
        var report = await GoThroughAsync(server, "parallel");
        Assert.Equal(new() { ["200"] = 200 }, report.Statuses);
        Assert.Single(server.Proxy.Refreshes);
        Assert.Equal(1, await RotationsAsync(server));
    }

    [Fact]
    public async Task Losing_the_answer_of_every_third_refresh_logs_nobody_out()
    {
        await using var server = await RealServer.StartAsync();
        server.Proxy.LosesAnswer = refresh => refresh % 3 == 0;
        var report = await GoThroughAsync(server, "losses");
        Assert.Equal(new() { ["200"] = 100 }, report.Statuses);
        Assert.Equal((0, 0), (report.Failures, report.Ends));
        Assert.Equal(100, await RotationsAsync(server));
        Assert.InRange(server.Proxy.Refreshes.Count(), 145, 155);
        Assert.Equal(0, await server.ReusesAsync());
    }

    [Fact]
    public async Task Server_that_is_away_for_two_minutes_logs_nobody_out()
    {
        await using var server = await RealServer.StartAsync();
        var report = await GoThroughAsync(server, "away");
        Assert.Equal(new() { ["200"] = 1 }, report.Statuses);
        Assert.InRange(report.Failures, 1, 20);
        Assert.Equal((0, 1), (report.Ends, await RotationsAsync(server)));
        Assert.Equal(0, await server.ReusesAsync());
    }

    [Fact]
    public async Task Node_sample_signs_in_asks_and_signs_out()
    {
        await using var server = await RealServer.StartAsync();
        var output = await Tool.RunAsync(
            "node",
            Built.NodeSample,
            ["index.mjs", server.Proxy.Address.ToString(), "ada", "3", "0"],
            new Dictionary<string, string> { ["AUTHSERVER_PASSWORD"] = Device.Password });
        Assert.Equal("Signed in as ada.\n1: 200\n2: 200\n3: 200\nSigned out.", output);
        Assert.Equal(["login", "me", "me", "me", "logout"], server.Proxy.Passages.Select(passage => passage.Path));
    }

    private static async Task<Report> GoThroughAsync(RealServer server, string scenario, int hours = 0)
    {
        var output = await Tool.RunAsync(
            "node", Scripts, ["endurance.mjs", server.Proxy.Address.ToString(), scenario, $"{hours}"], answer: command => DoAsync(server, command));
        TestContext.Current.TestOutputHelper?.WriteLine($"{scenario}: {output}, refreshes at the server {server.Proxy.Refreshes.Count()}");
        return JsonSerializer.Deserialize<Report>(output.Split("result ")[1], JsonSerializerOptions.Web)!;
    }

    // What the script asks for: that time passes, or that the server is away or back.
    private static Task DoAsync(RealServer server, string command)
    {
        switch (command.Split(' '))
        {
            case ["advance", var milliseconds]:
                server.App.Clock.Advance(TimeSpan.FromMilliseconds(double.Parse(milliseconds, CultureInfo.InvariantCulture)));
                break;
            case [var place]:
                server.Proxy.IsAway = place == "away";
                break;
        }

        return Task.CompletedTask;
    }

    // Ada's other session is the one that made her account, and was never refreshed.
    private static Task<int> RotationsAsync(RealServer server) => server.App.InDatabaseAsync(db => db.Sessions.SumAsync(s => (int)s.Generation));
}
