using System.Net;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>The verbs of the program, beside a server that runs and without one.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly DataFolder data = new();

    [Fact]
    public async Task First_administrator_comes_to_be_before_the_first_start()
    {
        var added = await RunAsync("correct horse battery staple", "users", "add", "ada", "--role", "admin", "--role", "editor", "--display-name", "Ada L.");
        Assert.Equal((0, "ada has an account."), (added.Code, added.Output.Single()));

        await using var server = await ServerProcess.StartAsync(data);
        var pair = await server.Http.LogInAsync("ada");
        var me = await (await server.Http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Contains("\"displayName\":\"Ada L.\",\"roles\":[\"admin\",\"editor\"],\"admin\":true", me, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_are_changed_beside_a_server_that_runs()
    {
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        var pair = await server.Http.LogInAsync("ada");

        Assert.Equal(0, (await RunAsync("", "users", "grant", "ADA", "editor")).Code);
        pair = await server.Http.RefreshAsync(pair.RefreshToken);
        var me = await (await server.Http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Contains("\"roles\":[\"editor\"]", me, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync("", "users", "revoke", "ada", "editor")).Code);
        Assert.Equal(0, (await RunAsync("", "users", "disable", "ada")).Code);
        var refused = await server.Http.PresentAsync(pair.RefreshToken);
        await refused.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
        var list = await RunAsync("", "users", "list");
        Assert.Matches(@"^ada +[0-9a-f-]{36} +disabled +\d{4}-\d\d-\d\d$", list.Output[1]);

        Assert.Equal(0, (await RunAsync("", "users", "enable", "ada")).Code);
        Assert.Equal(0, (await RunAsync("velvet harbour umbrella 92\n", "users", "set-password", "ada")).Code);
        var login = await server.Http.PostAsync("/login", new { username = "ada", password = "velvet harbour umbrella 92" });
        await login.ShouldBePairAsync();
    }

    [Fact]
    public async Task Sessions_that_a_command_ends_are_refused_by_the_server_that_runs()
    {
        await using var server = await ServerProcess.StartAsync(data, "Tokens:AccessLifetime=00:05:00");
        await server.Http.RegisterAsync("ada");
        var (one, two, three) = (await server.Http.LogInAsync("ada"), await server.Http.LogInAsync("ada"), await server.Http.LogInAsync("ada"));

        Assert.Equal(["1 ended."], (await RunAsync("", "sessions", "end", $"{one.SessionId}")).Output);
        await (await server.Http.PresentAsync(one.RefreshToken)).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
        await WaitForEndAsync(server.Http, one);
        Assert.Equal(1, (await RunAsync("", "sessions", "end", $"{one.SessionId}")).Code);

        Assert.Equal(["2 ended."], (await RunAsync("", "sessions", "end", "--user", "ada")).Output);
        await WaitForEndAsync(server.Http, two);
        await WaitForEndAsync(server.Http, three);
        Assert.Equal(["0 ended."], (await RunAsync("", "sessions", "end", "--all")).Output);
    }

    [Theory]
    [InlineData(2, "users", "ad", "ada")]
    [InlineData(2, "users", "add", "ada", "--emial", "a@example.com")]
    [InlineData(2, "sessions", "end")]
    [InlineData(2, "sessions", "end", "--all", "--user", "ada")]
    [InlineData(2, "sessions", "end", "no-id")]
    [InlineData(2, "copy", "--to", "Host=localhost;Password=secret")]
    [InlineData(1, "copy", "--to", "Host=localhost")]
    [InlineData(1, "users", "disable", "nobody")]
    [InlineData(1, "users", "grant", "nobody", "Not A Role")]
    [InlineData(1, "users", "add", "ada", "--Passwords:MinimumLength=0")]
    public async Task Line_that_can_not_be_done_says_why(int code, params string[] line)
    {
        var run = await RunAsync("correct horse battery staple", line);
        Assert.Equal(code, run.Code);
        Assert.NotEmpty(run.Errors);
        Assert.DoesNotContain(run.Errors, error => error.Contains("Exception", StringComparison.Ordinal) || error.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Easy_password_is_refused_and_nothing_is_added()
    {
        var run = await RunAsync("password1", "users", "add", "ada");
        Assert.Equal(1, run.Code);
        Assert.StartsWith("password: ", run.Errors[^1], StringComparison.Ordinal);
        Assert.Single((await RunAsync("", "users", "list")).Output);
    }

    [Fact]
    public async Task Help_names_every_verb_and_nothing_serves()
    {
        var help = await RunAsync("", "--help");
        Assert.Equal(0, help.Code);
        Assert.All(["migrate", "copy", "users", "sessions", "keys"], verb => Assert.Contains(help.Output, line => line.Contains($"  {verb}", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(data.Data));
    }

    [Fact]
    public async Task Keys_are_listed_by_what_they_can_be_compared_by()
    {
        var keys = await RunAsync("", "keys", "list");
        Assert.Equal(0, keys.Code);
        Assert.Equal(3, keys.Output.Count);
        var secrets = Directory.GetFiles(data.Keys).Select(path => Convert.ToHexStringLower(Convert.FromBase64String(File.ReadAllText(path))));
        Assert.DoesNotContain(secrets, secret => keys.Output.Any(line => line.Contains(secret[..8], StringComparison.Ordinal)));
    }

    public void Dispose() => data.Dispose();

    private Task<CommandRun> RunAsync(string input, params string[] line) => CommandRun.RunAsync(data, input, line);

    private static async Task WaitForEndAsync(HttpClient http, Pair pair)
    {
        // A second or so, whatever the machine is busy with.
        HttpResponseMessage answer;
        do
        {
            answer = await http.GetMeAsync(pair.AccessToken);
        }
        while (answer.StatusCode == HttpStatusCode.OK);
        var problem = await answer.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
        Assert.Equal("revoked", problem.GetProperty("reason").GetString());
    }
}
