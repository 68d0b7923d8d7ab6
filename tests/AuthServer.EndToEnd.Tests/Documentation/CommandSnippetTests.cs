using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>The commands of the guide that start a server or run one of its verbs.</summary>
public sealed partial class CommandSnippetTests : IDisposable
{
    private readonly DataFolder data = new();

    /// <summary>The lines of the guide that start a server in the repository.</summary>
    public static TheoryData<string> Starts =>
    [
        .. Guide.Pages.SelectMany(page => page.Snippets("bash"))
            .SelectMany(snippet => snippet.Split('\n'))
            .Where(line => Start().IsMatch(line)),
    ];

    public void Dispose() => data.Dispose();

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task Server_starts_by_line_of_guide(string line)
    {
        var settings = Start().Match(line).Groups["setting"].Captures.Select(capture => capture.Value);
        var command = new ServerCommand(data, [.. settings]) { Variables = Guide.VariablesOf(line) };
        await using var server = await ServerProcess.StartAsync(command);
    }

    [Fact]
    public async Task Server_starts_by_environment_of_unit()
    {
        var unit = Guide.Snippet("ini", "[Service]");
        await using var server = await ServerProcess.StartAsync(new ServerCommand(data)
        {
            Variables = UnitVariable().Matches(unit).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value),
        });
    }

    [Fact]
    public async Task Node_starts_by_lines_of_guide()
    {
        using var postgres = await Cluster.Cluster.StartDatabaseAsync();
        await postgres.ExecuteAsync("CREATE DATABASE authserver");
        var lines = Guide.Snippet("bash", "createdb authserver").Split('\n');
        var variables = Guide.VariablesOf(lines[1]);
        await using var node = await ServerProcess.StartAsync(new ServerCommand(data)
        {
            Variables = variables.ToDictionary(variable => variable.Key, variable => variable.Value
                .Replace("Host=db.example.com", $"Host=127.0.0.1;Port={postgres.Settings.Port}", StringComparison.Ordinal)
                .Replace("Username=authserver", $"Username={postgres.Settings.Username}", StringComparison.Ordinal)),
        });
        Assert.Single(Directory.GetFiles(data.Keys));
        Assert.False(File.Exists(data.Database));
    }

    [Fact]
    public async Task Verbs_do_their_work_in_order_of_guide()
    {
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await server.Http.RegisterAsync("ada");
            var pair = await server.Http.LogInAsync("ada");
            foreach (var line in VerbsOf(Guide.Snippet("bash", "$auth users list")).Where(line => line[0] != "migrate"))
            {
                var verb = line.Select(word => Guid.TryParse(word, out _) ? $"{pair.SessionId}" : word);
                var run = await CommandRun.RunAsync(data, "velvet harbour umbrella 92\n", verb);

                // The session has ended by then, because the account was disabled.
                Assert.Equal(line[..2] is ["sessions", "end"] ? 1 : 0, run.Code);
            }
        }

        Assert.Equal(0, (await CommandRun.RunAsync(data, "", "migrate")).Code);
    }

    [GeneratedRegex("^(?:\\w+=\\S+ )*dotnet run --project src/AuthServer(?: --(?: --(?<setting>\\S+))+)?(?: +#.*)?$")]
    private static partial Regex Start();

    [GeneratedRegex("^Environment=(\\w+)=(.+)$", RegexOptions.Multiline)]
    private static partial Regex UnitVariable();

    private static IEnumerable<string[]> VerbsOf(string snippet) => snippet.Split('\n')
        .Where(line => line.StartsWith("$auth ", StringComparison.Ordinal))
        .Select(line => WordsOf(line)[1..]);

    private static string[] WordsOf(string line) => line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
