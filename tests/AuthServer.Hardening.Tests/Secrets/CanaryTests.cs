using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;
using TestDatabase = AuthServer.Tests.Support.TestDatabase;

namespace AuthServer.Hardening.Tests.Secrets;

/// <summary>Secrets and personal data in every place of a request, searched for in all that the server writes.</summary>
public sealed class CanaryTests(ITestOutputHelper report) : IDisposable
{
    // The first character without a bit of what comes before the MAC.
    private const int MacOfDeviceTokenAt = 78;

    private readonly DataFolder data = new();
    private readonly List<string> errors = [];
    private readonly List<string> answers = [];
    private readonly List<string> deviceTokens = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Secrets_are_nowhere_and_personal_data_only_in_database()
    {
        var random = HardeningRun.Begin(report, "each route and each kind of error");
        var (secrets, personal, unknown) = (new Canaries(random), new Canaries(random), new Canaries(random));
        await using var collector = new Collector();
        var command = new ServerCommand(
            data, [.. Allowances.Arguments, "Logging:LogLevel:Default=Trace", "Logging:LogLevel:Microsoft=Trace"])
        {
            Variables = new Dictionary<string, string>
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"{collector.Address}",
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf",
            },
        };
        await using var server = await ServerProcess.StartAsync(command);
        foreach (var file in Directory.GetFiles(data.Keys))
        {
            secrets.Add(Path.GetFileName(file), (await File.ReadAllTextAsync(file, Ct)).Trim());
        }

        await UseAsync(server.Http, secrets, personal, unknown);
        foreach (var token in deviceTokens)
        {
            secrets.Add("token " + token, token);
            secrets.Add("token with MAC " + token[MacOfDeviceTokenAt..], token[MacOfDeviceTokenAt..]);
        }

        var metrics = await server.Http.GetStringAsync("/metrics", Ct);
        var open = await TestDatabase.ContentAsync(data.Data);
        await server.TerminateAsync();
        var exit = await server.ExitAsync();

        var log = string.Join('\n', [.. exit.Output, .. exit.Errors]);
        var exported = string.Join('\n', collector.Received.SelectMany(path => path));
        Assert.Contains("\"LogLevel\":\"Trace\"", log, StringComparison.Ordinal);
        Assert.Contains("POST /refresh", exported, StringComparison.Ordinal);
        Assert.NotEmpty(personal.FoundIn(open));
        foreach (var canaries in new[] { secrets, personal, unknown })
        {
            Assert.Empty(canaries.FoundIn(log));
            Assert.Empty(canaries.FoundIn(metrics));
            Assert.Empty(canaries.FoundIn(exported));
            Assert.Empty(canaries.FoundIn(string.Join('\n', errors)));
        }

        foreach (var stored in new[] { open, await TestDatabase.ContentAsync(data.Data) })
        {
            Assert.Empty(secrets.FoundIn(stored));
            Assert.Empty(unknown.FoundIn(stored));
        }

        // The answers that succeed have tokens and names, but never a password or a key.
        Assert.DoesNotContain(
            secrets.FoundIn(string.Join('\n', answers)), name => !name.StartsWith("token", StringComparison.Ordinal));
        report.WriteLine($"{answers.Count} successes and {errors.Count} errors.");
    }

    public void Dispose() => data.Dispose();

    // Each kind of request that succeeds, and each kind of mistake with a canary in it.
    private async Task UseAsync(HttpClient http, Canaries secrets, Canaries personal, Canaries unknown)
    {
        const string Username = "ada";
        var password = secrets.New("password");
        var email = personal.New("email") + "@example.org";
        var displayName = personal.New("display name");
        await SendAsync(http, "POST /register", new { username = Username, password, email, displayName });
        var first = Keep(secrets, await SendAsync(http, "POST /login", new { username = Username, password }));
        var second = Keep(secrets, await SendAsync(http, "POST /refresh", new { first.RefreshToken }));
        await SendAsync(http, "GET /me", null, ("Authorization", "Bearer " + second.AccessToken));
        await SendAsync(http, "GET /sessions?ended=true", null, ("Authorization", "Bearer " + second.AccessToken));
        var next = secrets.New("next password");
        var third = Keep(secrets, await SendAsync(
            http,
            "POST /password",
            new { currentPassword = password, newPassword = next, second.RefreshToken },
            ("Authorization", "Bearer " + second.AccessToken)));
        third = Keep(secrets, await SendAsync(
            http,
            "POST /reauthenticate",
            new { password = next, third.RefreshToken },
            ("Authorization", "Bearer " + third.AccessToken)));
        var basic = secrets.Add("basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{next}")));
        await SendAsync(http, "POST /login?transport=header", null, ("Authorization", "Basic " + basic));
        var own = http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        await SendAsync(http, "POST /login?transport=cookie", new { username = Username, password = next }, ("Origin", own));
        Assert.True(deviceTokens.Count > 1);
        var (fromHeader, fromCookie) = (deviceTokens[0], deviceTokens[^1]);
        Assert.Contains(answers, answer => answer.Contains("X-Device-Token: " + fromHeader, StringComparison.Ordinal));
        Assert.Contains(answers, answer => answer.Contains("__Host-device=" + fromCookie, StringComparison.Ordinal));

        // Device tokens in their places, changed, and in the wrong ones.
        var login = new { username = Username, password = next };
        await SendAsync(http, "POST /login", login, ("X-Device-Token", fromCookie));
        await SendAsync(http, "POST /login", login, ("Cookie", "__Host-device=" + fromCookie), ("Origin", own));
        await SendAsync(http, "POST /login", login, ("X-Device-Token", fromCookie + "x"));
        await SendAsync(http, "POST /login", new { username = Username, password = "x" }, ("X-Device-Token", fromCookie));
        await SendAsync(http, "POST /login?deviceToken=" + fromCookie, new { deviceToken = fromCookie });
        await SendAsync(http, "POST /refresh", new { refreshToken = fromCookie });
        await SendAsync(http, "GET /me", null, ("Authorization", "Bearer " + fromCookie));

        // Wrong secrets, and the right ones in the wrong place.
        await SendAsync(http, "POST /login", new { username = Username, password = secrets.New("wrong password") });
        var noPassword = secrets.New("password of unknown name");
        await SendAsync(http, "POST /login", new { username = unknown.New("unknown name"), password = noPassword });
        await SendAsync(http, "POST /login", new { username = unknown.New("password in place of name"), password = "x" });
        await SendAsync(http, "POST /login", null, ("Authorization", "Basic " + secrets.New("malformed Basic")));
        await SendAsync(http, "POST /register", new { username = Username, password = secrets.New("password of taken name") });
        await SendAsync(http, "POST /register", new { username = "eve", password = next, email = unknown.New("no address") });
        var unknownMember = new Dictionary<string, string> { [unknown.New("member")] = secrets.New("its value") };
        await SendAsync(http, "POST /register", unknownMember);
        await SendAsync(http, "POST /refresh", new { refreshToken = secrets.New("forged token") });
        await SendAsync(http, "POST /refresh", null, ("X-Refresh-Token", secrets.New("forged token in header")));
        await SendAsync(http, "POST /refresh", null, ("Cookie", "__Host-refresh=" + secrets.New("forged token in cookie")));
        await SendAsync(http, "POST /refresh", null, ("X-Refresh-Token", first.RefreshToken + "x"));
        await SendAsync(http, "POST /refresh?refreshToken=" + third.RefreshToken + "&password=" + next, new { });
        await SendAsync(http, "GET /me?access_token=" + third.AccessToken, null);
        await SendAsync(http, "GET /me", null, ("Authorization", "Bearer " + secrets.New("forged access token")));
        await SendAsync(http, "GET /me", null, ("Authorization", secrets.New("token without scheme")));
        var bearer = "Bearer " + third.AccessToken;
        await SendAsync(http, "POST /password", new { currentPassword = next, newPassword = "short" }, ("Authorization", bearer));
        var wrong = secrets.New("wrong proof");
        await SendAsync(http, "POST /reauthenticate", new { password = wrong }, ("Authorization", bearer));
        bearer = "Bearer " + secrets.New("mismatching token");
        await SendAsync(http, "POST /logout", new { first.RefreshToken }, ("Authorization", bearer));
        foreach (var path in new[] { "/login", "/register", "/refresh", "/logout", "/password", "/reauthenticate" })
        {
            await SendTextAsync(http, path, $"{{\"password\":\"{secrets.New("malformed JSON of " + path)}", "application/json");
            await SendTextAsync(http, path, "password=" + secrets.New("form of " + path), "application/x-www-form-urlencoded");
            await SendTextAsync(http, path, secrets.New("large body of " + path) + new string('x', 20_000), "application/json");
        }

        await SendAsync(http, "POST /logout", new { third.RefreshToken });
        await SendAsync(http, "POST /refresh", new { third.RefreshToken });
    }

    // The MAC at the end of a refresh token and the signature of an access token are their secret parts.
    private static Pair Keep(Canaries secrets, Pair? pair)
    {
        Assert.NotNull(pair);
        secrets.Add("token " + pair.RefreshToken, pair.RefreshToken[^40..]);
        secrets.Add("token " + pair.AccessToken, pair.AccessToken.Split('.')[2]);
        return pair;
    }

    private static IEnumerable<string> DeviceTokensOf(HttpResponseHeaders answer)
    {
        const string Cookie = "__Host-device=";
        answer.TryGetValues("X-Device-Token", out var headers);
        answer.TryGetValues("Set-Cookie", out var cookies);
        return
        [
            .. headers ?? [],
            .. from cookie in cookies ?? []
               where cookie.StartsWith(Cookie, StringComparison.Ordinal)
               select cookie[Cookie.Length..].Split(';')[0],
        ];
    }

    private async Task<Pair?> SendAsync(
        HttpClient http, string line, object? body, params (string Name, string Value)[] headers)
    {
        var (method, path) = (line.Split(' ')[0], line.Split(' ')[1]);
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = body is null ? null : JsonContent.Create(body),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await SendAsync(http, request);
    }

    private async Task SendTextAsync(HttpClient http, string path, string text, string mediaType)
    {
        using var content = new StringContent(text, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        await SendAsync(http, request);
    }

    private async Task<Pair?> SendAsync(HttpClient http, HttpRequestMessage request)
    {
        using var answer = await http.SendAsync(request, Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        (answer.IsSuccessStatusCode ? answers : errors).Add($"{answer.Headers}{answer.Content.Headers}{text}");
        deviceTokens.AddRange(DeviceTokensOf(answer.Headers));
        Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
        return answer.IsSuccessStatusCode && text.Contains("\"refreshToken\"", StringComparison.Ordinal)
            ? JsonSerializer.Deserialize<Pair>(text, JsonSerializerOptions.Web)
            : null;
    }
}
