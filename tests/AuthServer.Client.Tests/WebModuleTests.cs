using System.Globalization;
using System.Text.Json;
using AuthServer.Client.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace AuthServer.Client.Tests;

/// <summary>The JavaScript client in Node: its own tests, and long scenarios against the real server on Kestrel.</summary>
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
    public async Task Thousand_requests_over_hundred_lifetimes_succeed_with_wrong_clock(int hours)
    {
        await using var server = await RealServer.StartAsync(("Tokens:AccessLifetime", "00:00:02"));
        var report = await RunScenarioAsync(server, "thousand", hours);
        Assert.Equal(new() { ["200"] = 1000 }, report.Statuses);
        Assert.Equal((0, 1, 0), (report.Failures, report.Logins, report.Ends));
        Assert.InRange(report.Tokens, 101, 251);
        Assert.Equal(report.Tokens, 1 + report.Refreshes);
        Assert.Equal(report.Refreshes, await RotationsAsync(server));
        Assert.DoesNotContain(server.Proxy.Passages, passage => passage.Status == 401);
        Assert.All(server.Proxy.Refreshes, refresh => Assert.Null(refresh.Authorization));
    }

    [Fact]
    public async Task Two_hundred_requests_on_expired_token_cause_one_refresh()
    {
        await using var server = await RealServer.StartAsync();
        var report = await RunScenarioAsync(server, "parallel");
        Assert.Equal(new() { ["200"] = 200 }, report.Statuses);
        Assert.Single(server.Proxy.Refreshes);
        Assert.Equal(1, await RotationsAsync(server));
    }

    [Fact]
    public async Task Loss_of_every_third_refresh_answer_keeps_session()
    {
        await using var server = await RealServer.StartAsync();
        server.Proxy.LosesAnswer = refresh => refresh % 3 == 0;
        var report = await RunScenarioAsync(server, "losses");
        Assert.Equal(new() { ["200"] = 100 }, report.Statuses);
        Assert.Equal((0, 0), (report.Failures, report.Ends));
        Assert.Equal(100, await RotationsAsync(server));
        Assert.InRange(server.Proxy.Refreshes.Count(), 145, 155);
        Assert.Equal(0, await server.ReusesAsync());
    }

    [Fact]
    public async Task Server_away_for_two_minutes_keeps_session()
    {
        await using var server = await RealServer.StartAsync();
        var report = await RunScenarioAsync(server, "away");
        Assert.Equal(new() { ["200"] = 1 }, report.Statuses);
        Assert.InRange(report.Failures, 1, 20);
        Assert.Equal((0, 1), (report.Ends, await RotationsAsync(server)));
        Assert.Equal(0, await server.ReusesAsync());
    }

    [Fact]
    public async Task Node_sample_logs_in_requests_and_logs_out()
    {
        await using var server = await RealServer.StartAsync();
        var output = await Tool.RunAsync(
            "node",
            Built.NodeSample,
            ["index.mjs", server.Proxy.Address.ToString(), "ada", "3", "0"],
            new Dictionary<string, string> { ["AUTHSERVER_PASSWORD"] = Device.Password });
        Assert.Equal("Logged in as ada.\n1: 200\n2: 200\n3: 200\nLogged out.", output);
        Assert.Equal(["login", "me", "me", "me", "logout"], server.Proxy.Passages.Select(passage => passage.Path));
    }

    private static async Task<Report> RunScenarioAsync(RealServer server, string scenario, int hours = 0)
    {
        string[] arguments = ["endurance.mjs", server.Proxy.Address.ToString(), scenario, $"{hours}"];
        var output = await Tool.RunAsync("node", Scripts, arguments, answer: command => ActAsync(server, command));
        var refreshes = server.Proxy.Refreshes.Count();
        TestContext.Current.TestOutputHelper?.WriteLine($"{scenario}: {output}, refreshes at the server {refreshes}");
        return JsonSerializer.Deserialize<Report>(output.Split("result ")[1], JsonSerializerOptions.Web)!;
    }

    // Lets time pass, or takes the server away and back, as the script requests.
    private static Task ActAsync(RealServer server, string command)
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

    // Ada's other session, which opened her account, was never refreshed.
    private static Task<int> RotationsAsync(RealServer server) =>
        server.App.InDatabaseAsync(db => db.Sessions.SumAsync(s => (int)s.Generation));
}
