using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;
using HdrHistogram;

namespace AuthServer.Benchmarks.Commands;

/// <summary><c>load</c>: drives a server that runs already, such as one under a profiler.</summary>
internal static class LoadCommand
{
    private static readonly double[] Percentiles = [50, 90, 99, 99.9, 100];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "url", "work", "path", "connections", "seconds", "server");
        var url = ParseUrl(options.Text("url", "http://127.0.0.1:5080"));
        var server = options.Choose("server", Peers.All, peer => peer.Name)[0];
        var api = server.Api;
        var act = options.Text("work", "refresh") switch
        {
            "refresh" => Act.Refresh,
            "private" => Act.Private,
            "login" => Act.Login,
            "get" => Act.Ready,
            var other => throw new ArgumentException($"--work knows no {other}; there are refresh, private, login and get."),
        };
        if (act == Act.Ready)
        {
            api = new Api { Ready = Template.Get(options.Text("path", url.PathAndQuery)) };
        }
        else if ((act == Act.Refresh ? api.Refresh : act == Act.Private ? api.Private : api.Login?.Invoke("")) is null)
        {
            throw new ArgumentException($"{server.Title} knows no {act}.");
        }

        var (count, time) = (options.Number("connections", 64), options.Seconds("seconds", 10));
        using var clients = new ClientPool(new Target(await FindAsync(url, ct), api));
        await DriveAsync(await clients.ConnectAsync(count, ct), act, time, ct);
        return 0;
    }

    private static Uri ParseUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp
        ? url
        : throw new ArgumentException($"--url {text} is no address like http://127.0.0.1:5080.");

    // That nobody is there is said with the address.
    private static async Task<IPEndPoint> FindAsync(Uri url, CancellationToken ct)
    {
        try
        {
            var address = new IPEndPoint((await Dns.GetHostAddressesAsync(url.Host, ct))[0], url.Port);
            using var connection = await Connection.OpenAsync(address, ct);
            return address;
        }
        catch (SocketException exception)
        {
            throw new ArgumentException($"No server is at {url}: {exception.Message}", exception);
        }
    }

    private static async Task DriveAsync(IReadOnlyList<Client> clients, Act act, TimeSpan time, CancellationToken ct)
    {
        var tally = new Tally();
        var cpuBefore = Environment.CpuUsage.TotalTime;
        var startedAt = Stopwatch.GetTimestamp();
        await ClosedLoop.RunAsync(clients, act, time, tally, ct);
        var cpu = Environment.CpuUsage.TotalTime - cpuBefore;
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        tally.ThrowIfFailed(act.ToString());

        var latencies = tally.CorrectedLatencies();
        var cost = cpu.TotalMicroseconds / Math.Max(1, latencies.TotalCount);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {tally.Done / time.TotalSeconds:0} per second over {clients.Count} connections in {elapsed.TotalSeconds:0.0} s
            latency in ms: {string.Join(", ", Percentiles.Select(percentile => Describe(latencies, percentile)))}
            the generator itself took {cost:0.0} µs of processor time per request
            """));
    }

    private static string Describe(HistogramBase latencies, double percentile)
    {
        var name = percentile == 100 ? "most" : string.Create(CultureInfo.InvariantCulture, $"p{percentile}");
        return string.Create(CultureInfo.InvariantCulture, $"{name} {latencies.GetValueAtPercentile(percentile) / 1000.0:0.000}");
    }
}
