using System.Diagnostics;
using System.Reflection;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

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
        string[] arguments =
            [Assembly, "load", "--url", $"{server.Http.BaseAddress}health/live", "--work", work, "--connections", "4", "--seconds", "1"];
        var start = new ProcessStartInfo(ServerCommand.Dotnet, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var load = Process.Start(start)!;
        var (output, errors) = (load.StandardOutput.ReadToEndAsync(Ct), load.StandardError.ReadToEndAsync(Ct));
        await load.WaitForExitAsync(Ct);
        Assert.True(load.ExitCode == 0, await errors);
        Assert.Matches(@"^[1-9]\d* per second over 4 connections", await output);
    }
}
