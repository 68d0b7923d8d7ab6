using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AuthServer.Benchmarks.Load;

namespace AuthServer.Benchmarks.Servers;

/// <summary>A server in a process of its own. The process is killed on disposal.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly ConcurrentQueue<string> lastLines = [];

    private ServerProcess(ProcessStartInfo start, Target target)
    {
        Target = target;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Target Target { get; }

    /// <summary>Time from the start of the process to its first response with status 200.</summary>
    public TimeSpan ColdStart { get; private set; }

    /// <summary>Processor time that the process has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory of the process, in MB of a million bytes.</summary>
    public double ResidentMegabytes => ResidentKilobytes() * 1024 / 1e6;

    /// <summary>Starts a published server on a free port and waits until it is ready.</summary>
    public static async Task<ServerProcess> StartAsync(
        Peer peer, string program, IReadOnlyDictionary<string, string> settings, CancellationToken ct)
    {
        var address = new IPEndPoint(IPAddress.Loopback, FreePort());
        var (file, argument) = peer.IsScript ? ("node", program) : (program, $"--urls=http://{address}");
        var start = new ProcessStartInfo(file, [argument])
        {
            WorkingDirectory = Path.GetDirectoryName(program),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        CleanEnvironment.Apply(start.Environment, settings);
        start.Environment["PORT"] = $"{address.Port}";

        var startedAt = Stopwatch.GetTimestamp();
        var server = new ServerProcess(start, new Target(address, peer.Api));
        try
        {
            await server.WaitUntilReadyAsync(startedAt, ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends SIGTERM, as a service manager does, and waits for the end of the process.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        using var kill = Process.Start("/bin/sh", ["-c", "kill -TERM \"$0\"", $"{process.Id}"]);
        await kill.WaitForExitAsync(ct);
        await process.WaitForExitAsync(ct).WaitAsync(Timeout, ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitUntilReadyAsync(long startedAt, CancellationToken ct)
    {
        while (!await IsReadyAsync(ct))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(startedAt) > Timeout)
            {
                var command = string.Join(' ', [process.StartInfo.FileName, .. process.StartInfo.ArgumentList]);
                throw new InvalidOperationException($"{command} did not start:\n{string.Join('\n', lastLines)}");
            }

            await Task.Delay(1, ct);
        }

        ColdStart = Stopwatch.GetElapsedTime(startedAt);
    }

    private async Task<bool> IsReadyAsync(CancellationToken ct)
    {
        try
        {
            using var connection = await Connection.OpenAsync(Target.Address, ct);
            return await connection.ExchangeAsync(Target.Api.Ready, default, ct) is { Status: 200 };
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    private long ResidentKilobytes()
    {
        var line = File.ReadLines($"/proc/{process.Id}/status")
            .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lastLines.Enqueue(line);
        if (lastLines.Count > 50)
        {
            lastLines.TryDequeue(out _);
        }
    }
}
