using System.Diagnostics;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Documentation;

/// <summary>The tour of <c>README.md</c>, pasted into bash block after block: the answers are those of the page.</summary>
public sealed partial class TourTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tour_gives_answers_of_page()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "curl is not installed (Debian package curl).");
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data);
        var tour = Guide.Read(Guide.FrontPage).Section("The first five minutes");
        var script = string.Concat(tour.Snippets("bash")).WithServer(server.Http.BaseAddress!);
        var answers = LinesOf(await RunAsync(script));
        var at = 0;
        foreach (var line in tour.Snippets("").SelectMany(LinesOf))
        {
            var found = answers.FindIndex(at, answer => answer == line);
            Assert.True(found >= 0, $"No answer has\n{line}\nafter line {at} of\n{string.Join('\n', answers)}");
            at = found + 1;
        }
    }

    private static async Task<string> RunAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true })!;
        var output = await bash.StandardOutput.ReadToEndAsync(Ct);
        await bash.WaitForExitAsync(Ct);
        return output;
    }

    // Without what differs each time: tokens, ids, times and the version of curl.
    private static List<string> LinesOf(string output) =>
    [
        .. output.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(line => Different().Replace(line, "~")),
    ];

    [GeneratedRegex("""(?<="(?:accessToken|refreshToken|id|sessionId|traceId|\w+At)":")[^"]+|(?<="curl/)[0-9.]+""")]
    private static partial Regex Different();
}
