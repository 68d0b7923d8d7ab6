using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>A proxy in front of servers, as a process of its own.</summary>
public sealed class BalancerProcess : IAsyncDisposable
{
    private readonly Process process;

    private BalancerProcess(Process process) => this.process = process;

    /// <summary>Starts a proxy and waits until it listens; skips the test where it is not installed.</summary>
    /// <param name="program">The program, whose Debian package has the same name.</param>
    /// <param name="arguments">What makes it stay in the foreground with a configuration.</param>
    /// <param name="port">Where it is to listen on loopback.</param>
    public static async Task<BalancerProcess> StartAsync(string program, IEnumerable<string> arguments, int port)
    {
        // Debian keeps them where only an administrator looks.
        var path = $"/usr/sbin/{program}";
        Assert.SkipUnless(File.Exists(path), $"{program} is not installed (Debian package {program}).");
        var process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var balancer = new BalancerProcess(process);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.BeginOutputReadLine();
        while (!await ListensAsync(port))
        {
            Assert.False(process.HasExited, process.HasExited ? await errors : "");
        }

        return balancer;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
