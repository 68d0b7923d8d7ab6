using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuthServer.Core;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>The tables of the guide, compared with a server that runs.</summary>
public sealed partial class ReferenceTests(RunningServer server) : IClassFixture<RunningServer>
{
    // Pages and documents, which the server's own description leaves out, addresses of other providers, and routes that are
    // switched off.
    private static readonly string[] Undescribed =
    [
        "POST /login/link", "POST /login/link/confirm",
        "GET /", "GET /.well-known/change-password", "GET /docs", "GET /playground", "GET /playground/ended",
        "GET /forward-auth", "GET /metrics", "GET /openapi/v1.json",
        "GET /login/external/{provider}/callback", "POST /login/external/{provider}/callback",
    ];

    // Instruments of nodes on PostgreSQL.
    private static readonly string[] OfNodes = ["authserver.node.listening", "authserver.node.clock.offset"];

    // Read by the framework or by a driver, which name no keys.
    private static readonly string[] OfNoSection = ["ConnectionStrings:AuthServer", "urls"];

    private static readonly GuidePage Http = Guide.Read("src/docs/http.md");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Routes_are_those_of_server()
    {
        var described = (await OperationsAsync()).Select(operation => $"{operation.Method} {operation.Path}");
        var listed = Http.Section("Routes").Rows.SelectMany(row => Route().Matches(row[0]));
        ShouldBeSame(described.Concat(Undescribed), listed.Select(match => match.Groups[1].Value));
    }

    [Fact]
    public async Task Errors_have_status_of_server()
    {
        var listed = Http.Section("Errors").Rows.ToDictionary(row => row[0].Trim('`'), row => row[1]);
        ShouldBeSame(Enum.GetNames<ErrorCode>().Select(NameOf), listed.Keys);
        var answers = (await OperationsAsync()).Select(operation => operation.Description.GetProperty("responses"));
        foreach (var answer in answers.SelectMany(responses => responses.EnumerateObject()))
        {
            var codes = Code().Matches(answer.Value.GetProperty("description").GetString()!);
            Assert.All(codes, code => Assert.Equal(listed[code.Groups[1].Value], answer.Name));
        }
    }

    [Fact]
    public void Reasons_are_named()
    {
        var errors = Http.Section("Errors").Text;
        Assert.All(
            Enum.GetNames<EndReason>(), reason => Assert.Contains($"`{NameOf(reason)}`", errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Token_pair_has_members_of_page()
    {
        await server.Http.RegisterAsync("pair");
        var login = await server.Http.PostAsync("/login", new { username = "pair", password = HttpAssertions.Password });
        var shown = Assert.Single(Http.Section("Token pair").Snippets("json"));
        Assert.Equal(MembersOf(shown), MembersOf(await login.Content.ReadAsStringAsync(Ct)));
    }

    [Fact]
    public async Task Claims_of_access_token_are_listed()
    {
        await server.Http.RegisterAsync("claims");
        var pair = await server.Http.LogInAsync("claims");
        var payload = pair.AccessToken.Split('.')[1];
        var listed = Http.Section("Access token").Rows.SelectMany(row => row[0].Split(", ")).Select(claim => claim.Trim('`'));

        // This account has no verified address.
        ShouldBeSame(
            [.. MembersOf(System.Buffers.Text.Base64Url.DecodeFromChars(payload)), "email", "email_verified"], listed);
    }

    [Fact]
    public async Task Settings_are_those_of_server()
    {
        var keys = Guide.Read("src/docs/configuration.md").Section("Settings").Rows
            .SelectMany(row => Setting().Matches(row[0]))
            .Select(match => match.Groups[1].Value)
            .Except(OfNoSection).ToHashSet();
        using var data = new DataFolder();
        var refused = await ServerProcess.RunAsync(data, [.. keys.Select(key => SectionOf(key) + ":Zzzzzzzz=1")]);
        var known = refused.Errors.SelectMany(sentence => Section().Matches(sentence)).SelectMany(match =>
            match.Groups["keys"].Value.Split(", ").Select(key => $"{match.Groups["section"].Value}:{key}"));
        ShouldBeSame(known.Distinct().Except(keys.Select(SectionOf)), keys);
    }

    [Fact]
    public async Task Instruments_are_those_of_server()
    {
        await server.Http.RegisterAsync("metrics");
        var pair = await server.Http.LogInAsync("metrics");
        pair = await server.Http.RefreshAsync(pair.RefreshToken);
        await server.Http.LogOutAsync(pair.RefreshToken);
        var mailed = new { username = "mailed", password = HttpAssertions.Password, email = "mailed@example.com" };
        (await server.Http.PostAsJsonAsync("/register", mailed, Ct)).EnsureSuccessStatusCode();
        var text = "";
        await Eventually.BecomesAsync(async () =>
            (text = await server.Http.GetStringAsync("/metrics", Ct)).Contains("authserver_mails", StringComparison.Ordinal));
        var scraped = Instrument().Matches(text);
        var listed = Guide.Read("src/docs/operating.md").Section("Metrics").Rows.Select(row => row[0].Trim('`')).Except(OfNodes);
        ShouldBeSame(scraped.Select(match => match.Groups[1].Value), listed.Select(name => name.Replace('.', '_')));
    }

    private static void ShouldBeSame(IEnumerable<string> expected, IEnumerable<string> actual) =>
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));

    private static string SectionOf(string key) => key.Contains(':', StringComparison.Ordinal)
        ? key[..key.LastIndexOf(':')]
        : key;

    private static string NameOf(string member) => JsonNamingPolicy.SnakeCaseLower.ConvertName(member);

    private static IEnumerable<string> MembersOf(string json) => MembersOf(System.Text.Encoding.UTF8.GetBytes(json));

    private static IEnumerable<string> MembersOf(byte[] json) =>
        JsonDocument.Parse(json).RootElement.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal);

    private async Task<List<(string Method, string Path, JsonElement Description)>> OperationsAsync()
    {
        var document = JsonDocument.Parse(await server.Http.GetStringAsync("/openapi/v1.json", Ct)).RootElement;
        return
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               select (operation.Name.ToUpperInvariant(), path.Name, operation.Value),
        ];
    }

    [GeneratedRegex("`([A-Z]+ /[^ `?]*)")]
    private static partial Regex Route();

    [GeneratedRegex("`([a-z_]+)`: ")]
    private static partial Regex Code();

    [GeneratedRegex("`([A-Za-z]+(?::[A-Za-z]+)*?)(?::[N0])?`")]
    private static partial Regex Setting();

    [GeneratedRegex(@"is no setting; (?<section>[\w:]+) has (?<keys>[\w, ]+)\.")]
    private static partial Regex Section();

    // Without the suffixes that Prometheus asks for.
    [GeneratedRegex("^# TYPE (authserver_[a-z_]+?)(?:_seconds)?(?:_total)? ", RegexOptions.Multiline)]
    private static partial Regex Instrument();
}
