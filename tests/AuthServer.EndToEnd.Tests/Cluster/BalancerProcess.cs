using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AuthServer.EndToEnd.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Cluster;

/// <summary>A proxy in front of servers, in a process of its own.</summary>
public sealed class BalancerProcess : IAsyncDisposable
{
    private static readonly string[] NginxFolders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

    private readonly Process process;

    private BalancerProcess(Process process) => this.process = process;

    /// <summary>Starts a proxy and waits until it listens. Skips the test if the proxy is not installed.</summary>
    /// <param name="program">The program, whose Debian package has the same name.</param>
    /// <param name="arguments">The arguments, with which the program reads a configuration and stays in the foreground.</param>
    /// <param name="port">The loopback port on which the proxy listens.</param>
    public static async Task<BalancerProcess> StartAsync(string program, IEnumerable<string> arguments, int port)
    {
        // Debian installs most of them in a folder that is only in the PATH of root.
        var path = new[] { $"/usr/sbin/{program}", $"/usr/bin/{program}" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{program} is not installed (Debian package {program}).");
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        var balancer = new BalancerProcess(process);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.BeginOutputReadLine();
        while (!await ListensAsync(port))
        {
            Assert.False(process.HasExited, process.HasExited ? await errors : "");
        }

        return balancer;
    }

    /// <summary>Starts nginx.</summary>
    /// <param name="folder">The folder of its files.</param>
    /// <param name="servers">The blocks <c>server</c> of its configuration.</param>
    /// <param name="port">The loopback port on which it listens.</param>
    public static async Task<BalancerProcess> StartNginxAsync(string folder, string servers, int port)
    {
        var path = Path.Combine(folder, "nginx.conf");
        var bodies = string.Concat(NginxFolders.Select(kind => $"{kind}_temp_path {folder}/{kind};\n"));
        var head = $"daemon off; pid {folder}/nginx.pid; error_log stderr;\nevents {{}}\n";
        await File.WriteAllTextAsync(
            path, $"{head}http {{\naccess_log off;\n{bodies}{servers}}}\n", TestContext.Current.CancellationToken);
        return await StartAsync("nginx", ["-c", path, "-e", "stderr"], port);
    }

    /// <summary>Starts HAProxy by the guide's example, without TLS.</summary>
    /// <param name="folder">The folder of its configuration.</param>
    /// <param name="port">The loopback port on which it listens.</param>
    /// <param name="nodes">The ports of three nodes.</param>
    public static async Task<BalancerProcess> StartHaproxyAsync(string folder, int port, IReadOnlyList<int> nodes)
    {
        var configuration = Regex.Replace(Guide.Snippet("haproxy"), "bind :443 .*", $"bind 127.0.0.1:{port}");
        configuration = Regex.Replace(configuration, @"10\.0\.0\.1(\d):5080", match =>
            $"127.0.0.1:{nodes[int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) - 1]}");
        var path = Path.Combine(folder, "haproxy.cfg");
        await File.WriteAllTextAsync(path, configuration, TestContext.Current.CancellationToken);
        return await StartAsync("haproxy", ["-db", "-f", path], port);
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
