using System.Net;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>The verbs on names, addresses and data of an account, beside a running server.</summary>
public sealed class ProfileCommandTests : IDisposable
{
    private readonly DataFolder data = new();

    public void Dispose() => data.Dispose();

    [Fact]
    public async Task Account_is_renamed_gets_address_and_is_exported()
    {
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        await server.Http.RegisterAsync("bob");
        await ShouldSayAsync("ada has the user name grace.", "users", "rename", "ada", "grace");
        await ShouldSayAsync("grace has another display name.", "users", "set-name", "grace", "Grace Hopper");
        var added = await CommandRun.RunAsync(data, "velvet harbour umbrella 92\n", "users", "add", "ada");
        Assert.Equal((1, "Another account has this user name, or had it before."), (added.Code, added.Errors[^1]));
        var taken = await RunAsync("users", "rename", "bob", "Ada");
        Assert.Equal((1, "Another account has this user name, or had it before."), (taken.Code, taken.Errors[^1]));
        Assert.Equal(1, (await RunAsync("users", "rename", "bob", "a:b")).Code);
        Assert.Equal((1, "There is no account ada."), await FailureAsync("users", "rename", "ada", "eve"));

        await ShouldSayAsync(
            "grace has the verified address grace@example.com.", "users", "set-email", "grace", "grace@example.com");
        Assert.Equal(
            (1, "Another account has verified this address."),
            await FailureAsync("users", "set-email", "bob", "GRACE@example.com"));
        Assert.Equal((1, "grace is no valid email address."), await FailureAsync("users", "set-email", "bob", "grace"));
        await server.Http.LogInAsync("grace@example.com");

        var export = await RunAsync("users", "export", "grace");
        Assert.Equal(0, export.Code);
        var account = JsonDocument.Parse(string.Join('\n', export.Output)).RootElement.GetProperty("account");
        Assert.Equal(
            ("grace", "Grace Hopper", true),
            (account.GetProperty("username").GetString(), account.GetProperty("displayName").GetString(),
                account.GetProperty("emailVerified").GetBoolean()));
    }

    [Fact]
    public async Task Removed_account_is_refused_by_running_server()
    {
        await using var server = await ServerProcess.StartAsync(data);
        await server.Http.RegisterAsync("ada");
        var pair = await server.Http.LogInAsync("ada");
        await ShouldSayAsync("ada is deleted.", "users", "remove", "ada");
        Assert.Equal((1, "There is no account ada."), await FailureAsync("users", "remove", "ada"));
        var refused = await server.Http.PresentAsync(pair.RefreshToken);
        await refused.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "session_ended");
        Assert.Single((await RunAsync("users", "list")).Output);
        Assert.Contains("deleted", (await RunAsync("sessions", "list", "--ended")).Output[1], StringComparison.Ordinal);

        // The name is gone from the events, and the id is not.
        Assert.Equal((1, "There is no account ada."), await FailureAsync("events", "list", "--user", "ada"));
        var deleted = (await RunAsync("events", "list", "--kind", "account_deleted", "--json")).Output.Single();
        var id = JsonDocument.Parse(deleted).RootElement.GetProperty("userId").GetString()!;
        var events = (await RunAsync("events", "list", "--user", id)).Output;
        Assert.Contains(events, line => line.Contains(" registered ", StringComparison.Ordinal));
        Assert.Contains(events, line => line.Contains(" account_deleted ", StringComparison.Ordinal));
        var unknown = Guid.NewGuid().ToString();
        Assert.Equal((1, $"There is no account {unknown}."), await FailureAsync("events", "list", "--user", unknown));
    }

    [Fact]
    public async Task Name_that_was_given_up_is_freed()
    {
        const string Password = "velvet harbour umbrella 92\n";
        Assert.Equal(0, (await CommandRun.RunAsync(data, Password, "users", "add", "ada")).Code);
        await ShouldSayAsync("ada is deleted.", "users", "remove", "ada");
        Assert.Equal(1, (await CommandRun.RunAsync(data, Password, "users", "add", "ada")).Code);
        await ShouldSayAsync("The name Ada is free.", "users", "free-name", "Ada");
        Assert.Equal((1, "The name ada is not reserved."), await FailureAsync("users", "free-name", "ada"));
        Assert.Equal(0, (await CommandRun.RunAsync(data, Password, "users", "add", "ada")).Code);
        Assert.Single((await RunAsync("events", "list", "--kind", "name_freed", "--json")).Output);
    }

    [Fact]
    public async Task Last_administrator_stays_unless_forced()
    {
        const string Password = "velvet harbour umbrella 92\n";
        const string Last = "ada is the last administrator. Make another user one first, or give --force.";
        Assert.Equal(0, (await CommandRun.RunAsync(data, Password, "users", "add", "ada", "--role", "admin")).Code);
        string[][] lines = [["users", "disable", "ada"], ["users", "revoke", "ada", "admin"], ["users", "remove", "ada"]];
        foreach (var line in lines)
        {
            Assert.Equal((1, Last), await FailureAsync(line));
        }

        await ShouldSayAsync("ada is disabled.", "users", "disable", "ada", "--force");
        await ShouldSayAsync("ada is enabled.", "users", "enable", "ada");
        await ShouldSayAsync("ada does not have the role admin.", "users", "revoke", "ada", "admin", "--force");
        await ShouldSayAsync("ada has the role admin.", "users", "grant", "ada", "admin");
        await ShouldSayAsync("ada is deleted.", "users", "remove", "ada", "--force");
    }

    private Task<CommandRun> RunAsync(params string[] line) => CommandRun.RunAsync(data, "", line);

    private async Task ShouldSayAsync(string sentence, params string[] line)
    {
        var run = await RunAsync(line);
        Assert.Equal((0, sentence), (run.Code, run.Output.Single()));
    }

    private async Task<(int Code, string Error)> FailureAsync(params string[] line)
    {
        var run = await RunAsync(line);
        return (run.Code, run.Errors[^1]);
    }
}
