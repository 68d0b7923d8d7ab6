using System.Diagnostics;
using System.Net;
using System.Text.Json;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Libraries;

/// <summary>Access tokens as the server, libraries and back ends judge them.</summary>
public sealed class TokenLibraryTests(ITestOutputHelper report) : IDisposable
{
    private const int Users = 4;
    private const int TokensOfUser = 50;
    private const string Python = "/usr/bin/python3";

    private readonly DataFolder data = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => data.Dispose();

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task Server_agrees_with_jose_and_oauth4webapi_about_tokens(string algorithm)
    {
        await NpmPackages.SkipUnlessInstalledAsync();
        await CompareAsync(algorithm, (issuer, tokens) =>
            AskAsync(new("node", ["verify.mjs", issuer]) { WorkingDirectory = NpmPackages.Folder }, tokens));
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task Server_agrees_with_Python_function_of_guide_about_tokens(string algorithm)
    {
        Assert.SkipUnless(
            await HasPyJwtAsync(), "PyJWT is not installed (Debian packages python3-jwt and python3-cryptography).");
        const string Asker = """
            import json, sys

            def answer_of(token):
                try:
                    claims_of(token)
                except jwt.PyJWTError as error:
                    return repr(error)

            print(json.dumps([[answer_of(token)] for token in json.load(sys.stdin)]))
            """;
        await CompareAsync(algorithm, (issuer, tokens) =>
            AskAsync(new(Python, ["-c", Guide.Snippet("python").WithServer(new Uri(issuer)) + Asker]), tokens));
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public Task Server_agrees_with_JwtBearer_and_package_about_tokens(string algorithm) =>
        CompareAsync(algorithm, async (issuer, tokens) =>
        {
            await using var stock = await DotnetBackEnd.StartWithoutPackageAsync(new Uri(issuer));
            await using var package = await DotnetBackEnd.StartAsync(new Uri(issuer), secret: null);
            var answers = new List<string?[]>();
            foreach (var token in tokens)
            {
                answers.Add([await AskAsync(stock, token), await AskAsync(package, token)]);
            }

            return [.. answers];
        });

    private static async Task<string?> AskAsync(DotnetBackEnd backEnd, string token)
    {
        using var answer = await backEnd.AskAsync(token);
        return answer.StatusCode == HttpStatusCode.OK ? null : $"{(int)answer.StatusCode} {answer.Headers.WwwAuthenticate}";
    }

    private static async Task<bool> HasPyJwtAsync()
    {
        if (!File.Exists(Python))
        {
            return false;
        }

        using var import = Process.Start(Python, ["-c", "import cryptography, jwt"]);
        await import.WaitForExitAsync(Ct);
        return import.ExitCode == 0;
    }

    // Asks libraries about all tokens at once. A program answers with an array for each token, and null in it for acceptance.
    private static async Task<string?[][]> AskAsync(ProcessStartInfo start, IEnumerable<string> tokens)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var program = Process.Start(start)!;
        var (output, errors) = (program.StandardOutput.ReadToEndAsync(Ct), program.StandardError.ReadToEndAsync(Ct));
        await JsonSerializer.SerializeAsync(program.StandardInput.BaseStream, tokens, cancellationToken: Ct);
        program.StandardInput.Close();
        await program.WaitForExitAsync(Ct);
        Assert.True(program.ExitCode == 0, await errors);
        return JsonSerializer.Deserialize<string?[][]>(await output)!;
    }

    private static async Task<(List<string> Tokens, string RefreshToken)> IssueAsync(HttpClient http)
    {
        var (tokens, refreshToken) = (new List<string>(), "");
        foreach (var user in Enumerable.Range(0, Users))
        {
            var (username, displayName) = ($"user{user}", $"{user} 김철수 🦊 \"~");
            var registered = await http.PostAsync("/register", new { username, HttpAssertions.Password, displayName });
            await registered.ShouldBeAsync(HttpStatusCode.Created);
            var pair = await http.LogInAsync(username);
            foreach (var _ in Enumerable.Range(0, TokensOfUser))
            {
                pair = await http.RefreshAsync(pair.RefreshToken);
                tokens.Add(pair.AccessToken);
            }

            refreshToken = pair.RefreshToken;
        }

        return (tokens, refreshToken);
    }

    private static async Task<HttpStatusCode> AskServerAsync(HttpClient http, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
        Assert.True(request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token));
        using var answer = await http.SendAsync(request, Ct);
        return answer.StatusCode;
    }

    private async Task CompareAsync(string algorithm, Func<string, IEnumerable<string>, Task<string?[][]>> askLibrariesAsync)
    {
        var issuer = $"http://localhost:{LoopbackPort.Free()}";
        await using var server = await ServerProcess.StartAsync(
            data,
            "urls=" + issuer,
            "Tokens:Issuer=" + issuer,
            "Tokens:Algorithm=" + algorithm,
            "Tokens:AccessLifetime=00:05:00");
        var (genuine, refreshToken) = await IssueAsync(server.Http);
        var forgeries = await TokenForgeries.ForgeAsync(server.Http, genuine[0], genuine[^1], refreshToken);
        (string Name, string Token)[] tokens =
            [.. genuine.Select(token => ("genuine", token)), .. forgeries.Select(forged => (forged.Name, forged.Token))];
        var answers = await askLibrariesAsync(issuer, tokens.Select(token => token.Token));
        var (wrong, respelled) = (new List<string>(), 0);
        foreach (var ((name, token), answer) in tokens.Zip(answers))
        {
            var expected = name == "genuine" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized;
            var status = await AskServerAsync(server.Http, token);
            var isRespelled = name != "genuine"
                && (TokenForgeries.IsRespelled(token, genuine[0]) || TokenForgeries.IsRespelled(token, genuine[^1]));
            respelled += isRespelled ? 1 : 0;
            if (status != expected
                || (!isRespelled && Array.Exists(answer, reason => (reason is null) != (expected == HttpStatusCode.OK))))
            {
                wrong.Add($"{name}: {(int)status}, {string.Join(", ", answer.Select(reason => reason ?? "accepted"))}: {token}");
            }
        }

        report.WriteLine($"{algorithm}: {genuine.Count} tokens, {forgeries.Count} forgeries, {respelled} of them respelled.");
        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong:\n{string.Join('\n', wrong.Take(20))}");
        Assert.InRange(respelled, 1, forgeries.Count / 20);
    }
}
