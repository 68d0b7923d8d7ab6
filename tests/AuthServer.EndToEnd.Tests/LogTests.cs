using System.Net;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

public sealed class LogTests
{
    [Theory]
    [InlineData("Information")]
    [InlineData("Trace")]
    public async Task Log_in_production_is_json_without_secrets(string level)
    {
        using var data = new DataFolder();
        var command = new ServerCommand(data, "Logging:LogLevel:Default=" + level, "Logging:LogLevel:Microsoft=" + level)
        {
            Variables = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Production" },
        };
        await using var server = await ServerProcess.StartAsync(command);
        var secrets = await UseAsync(server.Http);
        foreach (var file in Directory.GetFiles(data.Keys))
        {
            secrets.Add((await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Trim());
        }

        await server.TerminateAsync();
        var exit = await server.ExitAsync();
        Assert.Empty(exit.Errors);
        Assert.All(exit.Output, line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));

        // JSON may escape characters of a secret, so the decoded strings are searched too.
        var lines = exit.Output.SelectMany(line => (string[])[line, .. TextsOf(JsonDocument.Parse(line).RootElement)]).ToList();
        Assert.All(secrets, secret => Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("traceparent", "00-636c69656e742d74726163652d696421-636c69656e747370-01")]
    [InlineData("Request-Id", "|636c69656e742d74726163652d696421.")]
    [InlineData("baggage", "user=636c69656e742d74726163652d696421")]
    public async Task Log_line_has_trace_id_of_error_and_nothing_of_client(string header, string value)
    {
        using var data = new DataFolder();
        var variables = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Production" };
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data) { Variables = variables });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login?transport=cookie");
        request.Headers.Add("Origin", "https://evil.example");
        request.Headers.Add(header, value);
        var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var problem = await answer.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "cross_site");
        await server.TerminateAsync();
        var line = Assert.Single(
            (await server.ExitAsync()).Output, line => line.Contains("https://evil.example", StringComparison.Ordinal));
        Assert.Contains($"\"TraceId\":\"{problem.GetProperty("traceId").GetString()}\"", line, StringComparison.Ordinal);
        Assert.DoesNotContain("636c69656e742d74726163652d696421", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reused_refresh_token_is_logged_as_event()
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data, "Sessions:Grace=00:00:00");
        await server.Http.RegisterAsync("ada");
        var first = await server.Http.LogInAsync("ada");
        var second = await server.Http.RefreshAsync(first.RefreshToken);
        await server.Http.RefreshAsync(second.RefreshToken);
        Assert.Empty(server.Output.OfEvent(ServerEvent.RefreshTokenReused));

        var refused = await server.Http.PresentAsync(first.RefreshToken);
        await refused.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "refresh_token_reused");
        await server.TerminateAsync();
        Assert.Single((await server.ExitAsync()).Output.OfEvent(ServerEvent.RefreshTokenReused));
    }

    /// <summary>Sends requests to all routes of an account, some of which are refused.</summary>
    /// <returns>The secrets of the requests and their responses.</returns>
    private static async Task<List<string>> UseAsync(HttpClient http)
    {
        await http.RegisterAsync("ada");
        var first = await http.LogInAsync("ada");
        var second = await http.RefreshAsync(first.RefreshToken);
        await http.GetMeAsync(second.AccessToken);
        await http.GetMeAsync(second.AccessToken + "x");
        await http.PresentAsync(second.RefreshToken + "x");
        await http.PostAsync("/login", new { username = "ada", password = "a wrong password" });
        await http.PostAsync("/register", new { username = "ada", password = "a rejected password", unknown = "member" });
        await http.LogOutAsync(second.RefreshToken);
        await (await http.PresentAsync(second.RefreshToken)).ShouldBeLoggedOutAsync();
        await (await http.GetMeAsync(second.AccessToken)).ShouldBeAsync(HttpStatusCode.Unauthorized);

        // The signature is the secret part of an access token.
        return
        [
            HttpAssertions.Password, "a wrong password", "a rejected password", first.RefreshToken, second.RefreshToken,
            first.AccessToken.Split('.')[2], second.AccessToken.Split('.')[2],
        ];
    }

    private static IEnumerable<string> TextsOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => TextsOf(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(TextsOf),
        JsonValueKind.String => [json.GetString()!],
        _ => [],
    };
}
