using System.Diagnostics;
using System.Globalization;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Postgres;

/// <summary>How long after a logout was answered other nodes still let the session's access token pass.</summary>
internal static class EndDelay
{
    private const int Nodes = 3;
    private const int WarmUp = 200;

    private static readonly string User = ClientPool.UserOf(0);
    private static readonly Template Logout = Template.PostJson("/logout", """{"refreshToken":"{token}"}""");

    public static async Task<Table> MeasureAsync(Peer ours, string program, int logouts, CancellationToken ct)
    {
        // So long that no token expires before its session is seen to have ended.
        var peer = PostgresPeers.With(ours, new() { ["Tokens__AccessLifetime"] = "00:05:00", ["Passwords__WorkFactor"] = "4" });
        var folder = Repository.NewDataFolder("ends");
        var settings = peer.Settings(folder);
        List<ServerProcess> servers = [];
        List<Connection> nodes = [];
        Table table;
        try
        {
            for (var node = 0; node < Nodes; node++)
            {
                servers.Add(await ServerProcess.StartAsync(peer, program, settings, ct));
                nodes.Add(await Connection.OpenAsync(servers[node].Target.Address, ct));
            }

            await ClientPool.RegisterAsync(servers[0].Target, User, ct);
            table = TableOf(await MeasureAsync(nodes, peer.Api, logouts, ct));
        }
        finally
        {
            nodes.ForEach(node => node.Dispose());
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }

        Repository.Remove(folder);
        return table;
    }

    private static async Task<List<(double Milliseconds, bool AtFirst)>> MeasureAsync(
        List<Connection> nodes, Api api, int logouts, CancellationToken ct)
    {
        var (access, refresh) = (new Token(), new Token());
        List<(double Milliseconds, bool AtFirst)> delays = [];
        for (var logout = -WarmUp; logout < logouts; logout++)
        {
            var login = await nodes[0].ExchangeAsync(api.Login!(User), default, ct);
            Check(login, 200);
            access.Set(login.Find(api.AccessTokenMember));
            refresh.Set(login.Find(api.RefreshTokenMember));
            foreach (var node in nodes)
            {
                Check(await node.ExchangeAsync(api.Private!, access.Value, ct), 200);
            }

            var answer = await nodes[0].ExchangeAsync(Logout, refresh.Value, ct);
            var answeredAt = Stopwatch.GetTimestamp();
            Check(answer, 204);
            var seen = await Task.WhenAll(nodes.Skip(1).Select(node => WaitForEndAsync(node, api.Private!, access, answeredAt, ct)));
            delays.AddRange(logout < 0 ? [] : seen);
        }

        return delays;
    }

    private static async Task<(double Milliseconds, bool AtFirst)> WaitForEndAsync(
        Connection node, Template request, Token access, long answeredAt, CancellationToken ct)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var answer = await node.ExchangeAsync(request, access.Value, ct);
            var elapsed = Stopwatch.GetElapsedTime(answeredAt);
            if (answer.Status == 401 && answer.Find("\"code\""u8).SequenceEqual("session_ended"u8))
            {
                return (elapsed.TotalMilliseconds, isFirst);
            }

            Check(answer, 200);
        }
    }

    private static void Check(Answer answer, int status)
    {
        if (answer.Status != status)
        {
            throw new LoadException($"the ends of sessions, where {status} was asked for", 1, answer.ToString());
        }
    }

    private static Table TableOf(List<(double Milliseconds, bool AtFirst)> delays)
    {
        double[] parts = [0, 0.5, 0.9, 0.99, 1];
        var sorted = delays.Select(delay => delay.Milliseconds).Order().ToList();
        var table = new Table("ms to the answer that refuses", "least", "p50", "p90", "p99", "most", "refused the first GET");
        table.Add(
        [
            string.Create(CultureInfo.InvariantCulture, $"{delays.Count / (Nodes - 1):#,0} logouts, {Nodes - 1} other nodes, one GET after the other"),
            .. parts.Select(part => Report.Format(sorted[(int)(part * (sorted.Count - 1))])),
            string.Create(CultureInfo.InvariantCulture, $"{delays.Count(delay => delay.AtFirst)} of {delays.Count}"),
        ]);
        return table;
    }
}
