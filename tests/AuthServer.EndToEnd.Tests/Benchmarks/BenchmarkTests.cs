using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Benchmarks;

/// <summary>The load generator: that it drives a server at all. How fast is nothing for a test.</summary>
public sealed class BenchmarkTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly string Assembly = Path.GetFullPath(
        typeof(BenchmarkTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Benchmarks").Value!,
        AppContext.BaseDirectory);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("refresh")]
    [InlineData("private")]
    [InlineData("login")]
    [InlineData("get")]
    public async Task Load_is_answered_and_reported(string work)
    {
        var (code, output, errors) = await RunAsync(
            "load", "--url", $"{server.Http.BaseAddress}health/live", "--work", work, "--connections", "4", "--seconds", "1");
        Assert.True(code == 0, errors);
        Assert.Matches(@"^[1-9]\d* per second over 4 connections", output);
    }

    [Theory]
    [InlineData("compare --rounds x", "--rounds x is no whole number above 0.")]
    [InlineData("compare --servers authserver,nobody", "--servers knows no \"nobody\"; there are authserver,*")]
    [InlineData("compare --rounds", "--rounds is no option with a value.*")]
    [InlineData("growth --sessions 10,x", "--sessions x is no whole number above 0.")]
    [InlineData("growth --sessions 63", "--sessions takes no number under 64, for there are as many connections.")]
    [InlineData("load --url here", "--url here is no address like http://127.0.0.1:5080.")]
    [InlineData("load --url http://127.0.0.1:9 --seconds 1", "No server is at http://127.0.0.1:9/:*")]
    [InlineData("load --server kestrel --work login", "Kestrel alone* knows no Login.")]
    public async Task What_cannot_be_done_is_said_in_a_sentence(string line, string sentence)
    {
        var (code, _, errors) = await RunAsync(line.Split(' '));
        Assert.Equal(1, code);
        Assert.Matches($"^{Regex.Escape(sentence).Replace(@"\*", ".*", StringComparison.Ordinal)}$", errors.TrimEnd());
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params IEnumerable<string> line)
    {
        var start = new ProcessStartInfo(ServerCommand.Dotnet, [Assembly, .. line]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Ct), process.StandardError.ReadToEndAsync(Ct));
        await process.WaitForExitAsync(Ct);
        return (process.ExitCode, await output, await errors);
    }
}
