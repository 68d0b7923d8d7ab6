using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Servers;
using HdrHistogram;

namespace AuthServer.Benchmarks.Commands;

/// <summary>The command <c>load</c>: drives a server that is already running, such as one under a profiler.</summary>
internal static class LoadCommand
{
    private static readonly double[] Percentiles = [50, 90, 99, 99.9, 100];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var options = new Options(arguments, "url", "work", "path", "connections", "seconds", "server");
        var url = ParseUrl(options.Text("url", "http://127.0.0.1:5080"));
        var server = options.Choose("server", Peers.All, peer => peer.Name)[0];
        var api = server.Api;
        var work = options.Text("work", "refresh");
        var kind = work switch
        {
            "refresh" => RequestKind.Refresh,
            "private" => RequestKind.Private,
            "login" => RequestKind.Login,
            "get" => RequestKind.Ready,
            _ => throw new ArgumentException($"--work must be refresh, private, login or get, not \"{work}\"."),
        };
        if (kind == RequestKind.Ready)
        {
            api = new PeerApi { Ready = RequestTemplate.Get(options.Text("path", url.PathAndQuery)) };
        }
        else if (!Supports(api, kind))
        {
            throw new ArgumentException($"--server {server.Name} does not support --work {work}.");
        }

        var (count, time) = (options.Number("connections", 64), options.Seconds("seconds", 10));
        using var clients = new ClientPool(new Target(await FindAsync(url, ct), api));
        await DriveAsync(await clients.ConnectAsync(count, ct), kind, time, ct);
        return 0;
    }

    private static bool Supports(PeerApi api, RequestKind kind) => kind switch
    {
        RequestKind.Refresh => api.Refresh is not null,
        RequestKind.Private => api.Private is not null,
        _ => api.Login is not null,
    };

    private static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp
            ? url
            : throw new ArgumentException($"--url must be an address like http://127.0.0.1:5080, not \"{text}\".");

    /// <exception cref="ArgumentException">The address accepts no connection.</exception>
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
            throw new ArgumentException($"No server listens at {url}: {exception.Message}", exception);
        }
    }

    private static async Task DriveAsync(IReadOnlyList<Client> clients, RequestKind kind, TimeSpan time, CancellationToken ct)
    {
        var tally = new Tally();
        var cpuBefore = Environment.CpuUsage.TotalTime;
        var startedAt = Stopwatch.GetTimestamp();
        await ClosedLoop.RunAsync(clients, kind, time, tally, ct);
        var cpu = Environment.CpuUsage.TotalTime - cpuBefore;
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        tally.ThrowIfFailed(kind.ToString());

        var latencies = tally.CorrectedLatencies();
        var cost = cpu.TotalMicroseconds / Math.Max(1, latencies.TotalCount);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {tally.Completed / time.TotalSeconds:0} per second over {clients.Count} connections in {elapsed.TotalSeconds:0.0} s
            latency in ms: {string.Join(", ", Percentiles.Select(percentile => Describe(latencies, percentile)))}
            processor time of the load generator: {cost:0.0} µs per request
            """));
    }

    private static string Describe(HistogramBase latencies, double percentile)
    {
        var name = percentile == 100 ? "max" : string.Create(CultureInfo.InvariantCulture, $"p{percentile}");
        return string.Create(CultureInfo.InvariantCulture, $"{name} {latencies.GetValueAtPercentile(percentile) / 1000.0:0.000}");
    }
}
