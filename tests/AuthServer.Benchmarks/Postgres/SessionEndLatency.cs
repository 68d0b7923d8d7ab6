using System.Diagnostics;
using System.Globalization;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Postgres;

/// <summary>Time from the response to a logout until other nodes refuse the session's access token.</summary>
internal static class SessionEndLatency
{
    private const int Nodes = 3;
    private const int WarmUp = 200;

    private static readonly string User = ClientPool.UserOf(0);
    private static readonly RequestTemplate Logout = RequestTemplate.PostJson("/logout", """{"refreshToken":"{token}"}""");

    public static async Task<Table> MeasureAsync(Peer authServer, string program, int logouts, CancellationToken ct)
    {
        // Access tokens must not expire before a node refuses them because of the logout.
        var peer = PostgresPeers.With(authServer, new()
        {
            ["Tokens__AccessLifetime"] = "00:05:00",
            ["Passwords__WorkFactor"] = "4",
        });
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
            table = CreateTable(await MeasureAsync(nodes, peer.Api, logouts, ct));
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
        List<Connection> nodes, PeerApi api, int logouts, CancellationToken ct)
    {
        var (access, refresh) = (new TokenBuffer(), new TokenBuffer());
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

            var response = await nodes[0].ExchangeAsync(Logout, refresh.Value, ct);
            var answeredAt = Stopwatch.GetTimestamp();
            Check(response, 204);
            var waits = nodes.Skip(1).Select(node => WaitForEndAsync(node, api.Private!, access, answeredAt, ct));
            var measured = await Task.WhenAll(waits);
            delays.AddRange(logout < 0 ? [] : measured);
        }

        return delays;
    }

    private static async Task<(double Milliseconds, bool AtFirst)> WaitForEndAsync(
        Connection node, RequestTemplate request, TokenBuffer access, long answeredAt, CancellationToken ct)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var response = await node.ExchangeAsync(request, access.Value, ct);
            var elapsed = Stopwatch.GetElapsedTime(answeredAt);
            if (response.Status == 401 && response.Find("\"code\""u8).SequenceEqual("session_ended"u8))
            {
                return (elapsed.TotalMilliseconds, isFirst);
            }

            Check(response, 200);
        }
    }

    private static void Check(Response response, int status)
    {
        if (response.Status != status)
        {
            throw new LoadException($"measurement of session ends, which expects {status}", 1, response.ToString());
        }
    }

    private static Table CreateTable(List<(double Milliseconds, bool AtFirst)> delays)
    {
        double[] parts = [0, 0.5, 0.9, 0.99, 1];
        var sorted = delays.Select(delay => delay.Milliseconds).Order().ToList();
        var table = new Table("ms until the session is refused", "min", "p50", "p90", "p99", "max", "refused at the first GET");
        table.Add(
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"{delays.Count / (Nodes - 1):#,0} logouts, {Nodes - 1} other nodes, successive GETs"),
            .. parts.Select(part => Report.Format(sorted[(int)(part * (sorted.Count - 1))])),
            string.Create(CultureInfo.InvariantCulture, $"{delays.Count(delay => delay.AtFirst)} of {delays.Count}"),
        ]);
        return table;
    }
}
