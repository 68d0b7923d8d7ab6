using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Benchmarks;

/// <summary>Tests that the load generator works. Its figures are not tested, because they depend on the machine.</summary>
public sealed class BenchmarkTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly string Assembly = Path.GetFullPath(
        typeof(BenchmarkTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "Benchmarks").Value!,
        AppContext.BaseDirectory);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("refresh")]
    [InlineData("private")]
    [InlineData("login")]
    [InlineData("get")]
    public async Task Load_on_running_server_is_reported(string work)
    {
        var (code, output, errors) = await RunAsync(
            "load", "--url", $"{server.Http.BaseAddress}health/live", "--work", work, "--connections", "4", "--seconds", "1");
        Assert.True(code == 0, errors);
        Assert.Matches(@"^[1-9]\d* per second over 4 connections", output);
    }

    [Theory]
    [InlineData("compare --rounds x", "--rounds must be a positive integer, not \"x\".")]
    [InlineData("compare --servers authserver,apache", "--servers: \"apache\" is unknown. Known: authserver,*")]
    [InlineData("compare --rounds", "--rounds is unknown or has no value. Options: --rounds,*")]
    [InlineData("growth --sessions 10,x", "--sessions must be a positive integer, not \"x\".")]
    [InlineData("growth --sessions 63", "--sessions must be at least 64, the number of connections.")]
    [InlineData("load --url here", "--url must be an address like http://127.0.0.1:5080, not \"here\".")]
    [InlineData("load --url http://127.0.0.1:9 --seconds 1", "No server listens at http://127.0.0.1:9/:*")]
    [InlineData("load --seconds 0", "--seconds must be a number of seconds above 0 and up to 86400, not \"0\".")]
    [InlineData("load --server kestrel --work login", "--server kestrel does not support --work login.")]
    [InlineData("load --work nothing", "--work must be refresh, private, login or get, not \"nothing\".")]
    [InlineData("measure", "Usage: compare | growth | postgres | delays | feed | memory | micro | load,*")]
    public async Task Invalid_command_line_fails_with_one_sentence(string line, string sentence)
    {
        var (code, _, errors) = await RunAsync(line.Split(' '));
        Assert.Equal(1, code);
        Assert.Matches($"^{Regex.Escape(sentence).Replace(@"\*", ".*", StringComparison.Ordinal)}$", errors.TrimEnd());
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params IEnumerable<string> line)
    {
        var start = new ProcessStartInfo(ServerCommand.Dotnet, [Assembly, .. line])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Ct), process.StandardError.ReadToEndAsync(Ct));
        await process.WaitForExitAsync(Ct);
        return (process.ExitCode, await output, await errors);
    }
}
