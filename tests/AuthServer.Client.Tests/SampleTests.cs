using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>The console sample, as a process of its own.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task Console_sample_logs_in_requests_and_logs_out()
    {
        await using var server = await RealServer.StartAsync();
        var (exitCode, output) = await RunAsync(server, Device.Password);
        Assert.Equal(
            ["Logged in as ada.", "1: 200", "2: 200", "3: 200", "Logged out."],
            output.ReplaceLineEndings("\n").Trim().Split('\n'));
        Assert.Equal(0, exitCode);
        Assert.Equal(["login", "me", "me", "me", "me", "logout"], server.Proxy.Passages.Select(passage => passage.Path));
    }

    [Fact]
    public async Task Console_sample_prints_refusal()
    {
        await using var server = await RealServer.StartAsync();
        var (exitCode, output) = await RunAsync(server, "wrong");
        Assert.StartsWith("invalid_credentials: ", output, StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
    }

    private static Task<(int ExitCode, string Output)> RunAsync(RealServer server, string password) =>
        Built.DotnetAsync([Built.Sample, server.Proxy.Address + "/", "ada", "3", "0"], ("AUTHSERVER_PASSWORD", password));
}
