using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Postgres;

/// <summary>How long after a logout was answered other nodes still let the session's access token pass.</summary>
internal static class EndDelay
{
    private const int Nodes = 3;

    public static async Task<Table> MeasureAsync(Peer ours, string program, int logouts, CancellationToken ct)
    {
        // So long that no token expires before its session is seen to have ended.
        var peer = PostgresPeers.With(ours, new() { ["Tokens__AccessLifetime"] = "00:05:00", ["Passwords__WorkFactor"] = "4" });
        var folder = Repository.NewDataFolder("ends");
        var settings = peer.Settings(folder);
        List<ServerProcess> servers = [];
        List<HttpClient> clients = [];
        Table table;
        try
        {
            for (var node = 0; node < Nodes; node++)
            {
                servers.Add(await ServerProcess.StartAsync(peer, program, settings, ct));
                clients.Add(new HttpClient { BaseAddress = new Uri($"http://{servers[node].Target.Address}") });
            }

            table = await MeasureAsync(clients, logouts, ct);
        }
        finally
        {
            foreach (var client in clients)
            {
                client.Dispose();
            }

            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }

        Repository.Remove(folder);
        return table;
    }

    private static async Task<Table> MeasureAsync(List<HttpClient> nodes, int logouts, CancellationToken ct)
    {
        var credentials = new { username = "ends", password = "Correct-horse-4-battery" };
        await nodes[0].PostAsJsonAsync("/register", credentials, ct);
        List<double> delays = [];
        for (var logout = 0; logout < logouts; logout++)
        {
            using var login = await nodes[0].PostAsJsonAsync("/login", credentials, ct);
            var pair = await login.Content.ReadFromJsonAsync<JsonElement>(ct);
            var (access, refresh) = (pair.GetProperty("accessToken").GetString()!, pair.GetProperty("refreshToken").GetString()!);
            foreach (var node in nodes)
            {
                if (!LetsPass(await AskAsync(node, access, ct)))
                {
                    throw new InvalidOperationException($"{node.BaseAddress} refuses a new session.");
                }
            }

            using var answer = await nodes[0].PostAsJsonAsync("/logout", new { refreshToken = refresh }, ct);
            answer.EnsureSuccessStatusCode();
            var answeredAt = Stopwatch.GetTimestamp();
            delays.AddRange(await Task.WhenAll(nodes.Skip(1).Select(node => WaitForEndAsync(node, access, answeredAt, ct))));
        }

        delays.Sort();
        var table = new Table("ms until the refusal was there", "least", "p50", "p90", "p99", "most");
        double[] parts = [0, 0.5, 0.9, 0.99, 1];
        table.Add(
        [
            string.Create(CultureInfo.InvariantCulture, $"{logouts} logouts, {Nodes - 1} other nodes each, asked one GET after the other"),
            .. parts.Select(part => Report.Format(delays[(int)(part * (delays.Count - 1))])),
        ]);
        return table;
    }

    private static async Task<double> WaitForEndAsync(HttpClient node, string access, long answeredAt, CancellationToken ct)
    {
        while (LetsPass(await AskAsync(node, access, ct)))
        {
        }

        return Stopwatch.GetElapsedTime(answeredAt).TotalMilliseconds;
    }

    private static bool LetsPass(HttpStatusCode status) => status switch
    {
        HttpStatusCode.OK => true,
        HttpStatusCode.Unauthorized => false,
        _ => throw new InvalidOperationException($"A private GET was answered with {(int)status}."),
    };

    private static async Task<HttpStatusCode> AskAsync(HttpClient node, string access, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", access) } };
        using var answer = await node.SendAsync(request, ct);
        return answer.StatusCode;
    }
}
