using System.Net;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>The verbs of the command line, with and without a running server.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly DataFolder data = new();

    [Fact]
    public async Task First_administrator_can_be_added_before_first_start()
    {
        string[] line = ["users", "add", "ada", "--role", "admin", "--role", "editor", "--display-name", "Ada L."];
        var added = await RunAsync("correct horse battery staple", line);
        Assert.Equal((0, "ada has an account."), (added.Code, added.Output.Single()));

        await using var server = await ServerProcess.StartAsync(data);
        var pair = await server.Http.LogInAsync("ada");
        var me = await (await server.Http.GetMeAsync(pair.AccessToken)).ShouldBeAsync(HttpStatusCode.OK);
        const string Expected = "\"displayName\":\"Ada L.\",\"roles\":[\"admin\",\"editor\"],\"admin\":true";
        Assert.Contains(Expected, me, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Account_changes_take_effect_on_running_server()
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
    public async Task Sessions_ended_by_command_are_refused_by_running_server()
    {
        await using var server = await ServerProcess.StartAsync(data, "Tokens:AccessLifetime=00:05:00");
        await server.Http.RegisterAsync("ada");
        var one = await server.Http.LogInAsync("ada");
        var two = await server.Http.LogInAsync("ada");
        var three = await server.Http.LogInAsync("ada");

        Assert.Equal(["1 ended."], (await RunAsync("", "sessions", "end", $"{one.SessionId}")).Output);
        var refused = await server.Http.PresentAsync(one.RefreshToken);
        await refused.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
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
    [InlineData(1, "users", "disable", "unknown")]
    [InlineData(1, "users", "grant", "unknown", "Not A Role")]
    [InlineData(1, "users", "add", "ada", "--Passwords:MinimumLength=0")]
    public async Task Invalid_command_line_fails_with_reason(int code, params string[] line)
    {
        var run = await RunAsync("correct horse battery staple", line);
        Assert.Equal(code, run.Code);
        Assert.NotEmpty(run.Errors);
        Assert.DoesNotContain(run.Errors, error => error.Contains("Exception", StringComparison.Ordinal));
        Assert.DoesNotContain(run.Errors, error => error.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Did you mean users?", "user", "disable", "ada")]
    [InlineData("Did you mean migrate?", "migrat")]
    [InlineData("Did you mean disable?", "users", "disabel", "ada")]
    [InlineData("Did you mean --email?", "users", "add", "ada", "--emial", "a@example.com")]
    [InlineData("'serve'", "serve")]
    [InlineData("Sessions:Grace?", "users", "list", "--Sessions:Graze=00:00:10")]
    public async Task Unknown_word_starts_no_server_and_nearest_is_named(string sentence, params string[] line)
    {
        var run = await RunAsync("", line);
        Assert.Equal(2, run.Code);
        Assert.Contains(sentence, Assert.Single(run.Errors), StringComparison.Ordinal);
        Assert.False(Directory.Exists(data.Data));
    }

    [Fact]
    public async Task Weak_password_is_refused_and_adds_no_account()
    {
        var run = await RunAsync("password1", "users", "add", "ada");
        Assert.Equal(1, run.Code);
        Assert.StartsWith("password: ", run.Errors[^1], StringComparison.Ordinal);
        Assert.Single((await RunAsync("", "users", "list")).Output);
    }

    [Fact]
    public async Task Help_lists_all_verbs_and_starts_no_server()
    {
        var help = await RunAsync("", "--help");
        Assert.Equal(0, help.Code);
        foreach (var verb in new[] { "migrate", "copy", "users", "sessions", "keys" })
        {
            Assert.Contains(help.Output, line => line.Contains($"  {verb}", StringComparison.Ordinal));
        }

        Assert.False(Directory.Exists(data.Data));
    }

    [Fact]
    public async Task Keys_are_rotated_withdrawn_and_listed_without_their_secrets()
    {
        Assert.Equal(["Created the access key 1."], (await RunAsync("", "keys", "rotate", "--now")).Output);
        Assert.Equal(["Created the access key 2."], (await RunAsync("", "keys", "rotate", "--algorithm", "ES256")).Output);
        Assert.Equal(
            ["Withdrew the access key 1. The access key 2 signs now."], (await RunAsync("", "keys", "retire", "1")).Output);
        var again = await RunAsync("", "keys", "retire", "1");
        Assert.Equal(1, again.Code);
        Assert.Contains(again.Errors, line => line.StartsWith("There is no access key 1", StringComparison.Ordinal));

        var list = (await RunAsync("", "keys", "list")).Output;
        Assert.Equal(["ES256 signing", "HS256 gone"], list.Skip(1).Select(line => string.Join(
            ' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..3])));
        var check = (await RunAsync("", "keys", "check")).Output;
        Assert.Contains("creates", check[1], StringComparison.Ordinal);
        var file = await File.ReadAllLinesAsync(Path.Combine(data.Keys, "root-1.key"), TestContext.Current.CancellationToken);
        var secret = Convert.ToHexStringLower(Convert.FromBase64String(file[0]));
        Assert.DoesNotContain(list.Concat(check), line => line.Contains(secret[..8], StringComparison.Ordinal));
    }

    public void Dispose() => data.Dispose();

    private Task<CommandRun> RunAsync(string input, params string[] line) => CommandRun.RunAsync(data, input, line);

    private static async Task WaitForEndAsync(HttpClient http, Pair pair)
    {
        // The server polls for ended sessions about once a second.
        HttpResponseMessage response;
        do
        {
            response = await http.GetMeAsync(pair.AccessToken);
        }
        while (response.StatusCode == HttpStatusCode.OK);
        var problem = await response.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
        Assert.Equal("revoked", problem.GetProperty("reason").GetString());
    }
}
