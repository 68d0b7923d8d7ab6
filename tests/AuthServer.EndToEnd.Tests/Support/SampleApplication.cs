using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests.Support;

/// <summary>A server-rendered sample in a process of its own. The process is killed on disposal.</summary>
public sealed class SampleApplication : IAsyncDisposable
{
    /// <summary>The addresses of a proxy on this machine.</summary>
    public const string Loopback = "127.0.0.1,::1";

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = [];

    private SampleApplication(ProcessStartInfo start, Uri address)
    {
        Address = address;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The names of the samples, which are those of their folders.</summary>
    public static IReadOnlyList<string> Names { get; } = ["RazorPages", "Express"];

    /// <summary>The address on which the sample listens.</summary>
    public Uri Address { get; }

    /// <summary>The lines that the sample has written.</summary>
    public IReadOnlyCollection<string> Output => output;

    /// <summary>Starts a sample as it was built with the tests. Skips the test if it needs npm and that is missing.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="server">The address of the auth server.</param>
    /// <param name="proxies">The addresses of proxies that the sample knows.</param>
    public static async Task<SampleApplication> StartAsync(string name, Uri server, string proxies = Loopback)
    {
        if (name == "RazorPages")
        {
            var built = typeof(SampleApplication).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .Single(metadata => metadata.Key == name).Value!;
            var assembly = Path.GetFullPath(built, AppContext.BaseDirectory);
            return await StartAsync(new ProcessStartInfo(ServerCommand.Dotnet, [assembly]), server, proxies);
        }

        var folder = Path.Combine(AppContext.BaseDirectory, name);
        await NpmPackages.SkipUnlessInstalledAsync(folder);
        return await StartAsync(new ProcessStartInfo("node", ["index.mjs"]) { WorkingDirectory = folder }, server, proxies);
    }

    /// <summary>Starts a sample by a command, and waits until it listens.</summary>
    public static async Task<SampleApplication> StartAsync(ProcessStartInfo start, Uri server, string proxies = Loopback)
    {
        var port = LoopbackPort.Free();
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment["AUTHSERVER"] = server.ToString();
        start.Environment["PROXIES"] = proxies;
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["URLS"] = $"http://localhost:{port}";
        var sample = new SampleApplication(start, new Uri($"http://localhost:{port}"));
        await Eventually.BecomesAsync(() =>
        {
            Assert.False(sample.process.HasExited, string.Join('\n', sample.output));
            return sample.output.Any(line => line.EndsWith($"istening on http://localhost:{port}", StringComparison.Ordinal)
                || line.EndsWith($"istening on: http://localhost:{port}", StringComparison.Ordinal));
        });
        return sample;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', output));
        process.Dispose();
    }
}
