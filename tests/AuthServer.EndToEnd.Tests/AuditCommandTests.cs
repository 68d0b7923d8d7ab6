using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>The verbs that show events, sessions and accounts, beside a running server.</summary>
public sealed class AuditCommandTests : IDisposable
{
    private const string Hostile = "Phone\u001b[2Jred";

    private readonly DataFolder data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Events_sessions_and_account_are_listed_as_table_and_json()
    {
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        server.Http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", Hostile);
        var first = await server.Http.LogInAsync("ada");
        var second = await server.Http.LogInAsync("ada");
        await server.Http.LogOutAsync(first.RefreshToken);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await server.Http.PostAsync("/login", new { username = "ada", password = "wrong" });
            await server.Http.PostAsync("/login", new { username = "who is this", password = "wrong" });
        }

        Assert.Equal(0, (await RunAsync("users", "grant", "ada", "editor")).Code);
        await server.TerminateAsync();
        Assert.Equal(0, (await server.ExitAsync()).Code);

        var all = await LinesAsync("events", "list", "--json");
        Assert.Equal(
            ["keys_changed", "keys_changed", "login", "login", "registered", "roles_changed", "session_ended"],
            all.Select(one => one.GetProperty("kind").GetString()!).Where(kind => kind != "login_failed")
                .Order(StringComparer.Ordinal));

        // Each minute has rows of its own.
        var failures = await LinesAsync("events", "list", "--kind", "login_failed", "--since", "1h", "--json");
        Assert.Equal(6, failures.Sum(one => one.GetProperty("count").GetInt32()));
        Assert.Contains(failures, one => one.TryGetProperty("network", out var network) && network.GetString() == "127.0.0.0/24");
        var granted = Assert.Single(await LinesAsync("events", "list", "--user", "ADA", "--kind", "roles_changed", "--json"));
        Assert.Equal("+editor", granted.GetProperty("detail").GetString());
        Assert.Equal("command line", granted.GetProperty("userAgent").GetString());

        var table = await RunAsync("events", "list", "--user", "ada", "--limit", "2");
        Assert.StartsWith("TIME  ", table.Output[0], StringComparison.Ordinal);
        Assert.Equal(3, table.Output.Count);
        Assert.Matches("^[0-9-]{10} [0-9:]{8}Z  [a-z_]+ +[0-9]+ +ada ", table.Output[1]);

        var live = Assert.Single(await LinesAsync("sessions", "list", "--user", "ada", "--json"));
        Assert.Equal(second.SessionId, live.GetProperty("id").GetGuid());
        Assert.Equal(3, (await RunAsync("sessions", "list", "--ended")).Output.Count);
        Assert.Contains("logout", (await RunAsync("sessions", "list", "--ended")).Output[2], StringComparison.Ordinal);

        var account = Assert.Single(await LinesAsync("users", "show", "ada", "--json"));
        Assert.Equal(1, account.GetProperty("liveSessions").GetInt32());
        Assert.Equal(3, account.GetProperty("failedLoginsInDay").GetInt32());
        var shown = await RunAsync("users", "show", "ada");
        Assert.Contains(shown.Output, line => line.StartsWith("LAST LOGIN ", StringComparison.Ordinal));

        foreach (var run in new[] { table, shown, await RunAsync("sessions", "list"), await RunAsync("events", "list") })
        {
            Assert.Empty(run.Errors);
            Assert.All(run.Output, line => Assert.DoesNotContain(line.TrimEnd('\r'), char.IsControl));
        }
    }

    [Fact]
    public async Task Accounts_are_listed_as_table_of_parts_and_as_json()
    {
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await server.Http.RegisterAsync("zoe");
        }

        // More than two parts of a table.
        data.Execute(
            """
            WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1100)
            INSERT INTO users
                (id, username, normalized_username, password_hash, security_stamp, roles, disabled, created_at)
            SELECT randomblob(16), 'user' || n, 'user' || n, password_hash, security_stamp, roles, disabled, created_at
            FROM users, number
            """);
        Assert.Equal(0, (await RunAsync("users", "grant", "zoe", "editor")).Code);

        var table = await RunAsync("users", "list");
        Assert.Equal(1102, table.Output.Count);
        Assert.Matches("^NAME +ID +ROLES +STATE +SINCE$", table.Output[0]);
        Assert.Matches("^zoe +[0-9a-f-]{36} +editor +enabled +[0-9-]{10}$", table.Output[^1]);

        var lines = await LinesAsync("users", "list", "--json");
        Assert.Equal(1101, lines.Count);
        Assert.Equal(
            ["id", "username", "roles", "disabled", "createdAt"], lines[^1].EnumerateObject().Select(member => member.Name));
        Assert.Equal("editor", lines[^1].GetProperty("roles")[0].GetString());
    }

    [Theory]
    [InlineData("users", "list", "Writes JSON, with one object a line.")]
    [InlineData("sessions", "list", "Lists ended sessions too; they are stored for 30 days.")]
    [InlineData("events", "list", "cross_site_refused, rate_limited,")]
    public async Task Help_names_options(string noun, string verb, string text)
    {
        var run = await RunAsync(noun, verb, "--help");
        Assert.Equal(0, run.Code);
        Assert.Contains(text, string.Join(' ', run.Output.Select(line => line.Trim())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "There is no account eve.", "events", "list", "--user", "eve")]
    [InlineData(1, "There is no account eve.", "sessions", "list", "--user", "eve")]
    [InlineData(1, "There is no account eve.", "users", "show", "eve")]
    [InlineData(2, "--kind is one of login, login_failed,", "events", "list", "--kind", "logins")]
    [InlineData(2, "--since can't be read;", "events", "list", "--since", "yesterday")]
    [InlineData(2, "--limit is at least 1.", "events", "list", "--limit", "0")]
    public async Task Wrong_argument_is_refused_with_reason(int code, string reason, params string[] line)
    {
        var run = await RunAsync(line);
        Assert.Equal(code, run.Code);
        Assert.StartsWith(reason, run.Errors[^1], StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    private Task<CommandRun> RunAsync(params string[] line) => CommandRun.RunAsync(data, "", line);

    private async Task<List<JsonElement>> LinesAsync(params string[] line)
    {
        var run = await RunAsync(line);
        Assert.Equal(0, run.Code);
        return [.. run.Output.Select(text => JsonDocument.Parse(text).RootElement)];
    }
}
