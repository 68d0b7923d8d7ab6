using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Delays;

/// <summary>Measures how long after the answer to a logout the back ends hear of it, and what each of them costs.</summary>
/// <param name="program">The published server.</param>
internal sealed class FeedDelays(string program)
{
    private const int Logouts = 1000;

    private static readonly int[] Counts = [1, 1000];

    private readonly Dictionary<int, List<Delay>> delays = Counts.ToDictionary(count => count, _ => new List<Delay>());
    private readonly List<double> kilobytes = [];

    /// <summary>Measures one round.</summary>
    public async Task MeasureAsync(CancellationToken ct)
    {
        var peer = Peers.Find(Peers.AuthServer);
        var folder = Repository.NewDataFolder("feed");
        var settings = new Dictionary<string, string>(peer.Settings(folder)) { ["Passwords__WorkFactor"] = "4" };
        await using (var server = await ServerProcess.StartAsync(peer, program, settings, ct))
        {
            var secret = await Tool.RunAsync(program, ["resources", "add", "orders", "--Data:Directory=" + folder], folder, ct);
            await MeasureAsync(server, secret.Trim(), ct);
            await server.StopAsync(ct);
        }

        Repository.Remove(folder);
    }

    public Table ToTable()
    {
        var table = new Table(Delay.Columns);
        foreach (var (count, rounds) in delays)
        {
            table.Add(Delay.RowOf(
                string.Create(CultureInfo.InvariantCulture, $"{Logouts:#,0} logouts, heard by {count:#,0} back ends"), rounds));
        }

        return table;
    }

    /// <summary>The memory that the server takes for one listener.</summary>
    public string Memory => $"memory of a listener: {Report.Format(Rounds.Spread.Of(kilobytes))} kB";

    private async Task MeasureAsync(ServerProcess server, string secret, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{server.Target.Address}") };
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var heard = new ConcurrentDictionary<Guid, long>();
        var listeners = new List<Task>();
        var user = new { username = "ada", password = "two rabbits in a hat" };
        (await http.PostAsJsonAsync("/register", user, ct)).EnsureSuccessStatusCode();
        foreach (var count in Counts)
        {
            var before = server.ResidentMegabytes;
            var added = count - listeners.Count;
            var feeds = await Task.WhenAll(Enumerable.Range(0, added).Select(_ => OpenAsync(http, secret, ct)));
            listeners.AddRange(feeds.Select(feed => ListenAsync(feed, heard, listening.Token)));
            await LogOutAsync(http, user, Logouts / 5, heard, ct);
            heard.Clear();
            if (added > 1)
            {
                kilobytes.Add((server.ResidentMegabytes - before) * 1000 / added);
            }

            delays[count].Add(await LogOutAsync(http, user, Logouts, heard, ct));
            heard.Clear();
        }

        await listening.CancelAsync();
        await Task.WhenAll(listeners).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Of all listeners the last one counts.
    private static async Task<Delay> LogOutAsync(
        HttpClient http, object user, int count, ConcurrentDictionary<Guid, long> heard, CancellationToken ct)
    {
        var answered = new Dictionary<Guid, long>();
        for (var i = 0; i < count; i++)
        {
            using var login = await http.PostAsJsonAsync("/login", user, ct);
            var pair = await login.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(ct);
            var refreshToken = pair.GetProperty("refreshToken").GetString();
            using var logout = await http.PostAsJsonAsync("/logout", new { refreshToken }, ct);
            answered.Add(pair.GetProperty("sessionId").GetGuid(), Stopwatch.GetTimestamp());
            logout.EnsureSuccessStatusCode();
        }

        // The last ends may still be on their way.
        await Task.Delay(TimeSpan.FromSeconds(2), ct);
        var missing = answered.Keys.Count(session => !heard.ContainsKey(session));
        if (missing > 0)
        {
            throw new LoadException("ends that were not heard", missing, "none");
        }

        var sorted = answered.Select(end => Math.Max(0, Stopwatch.GetElapsedTime(end.Value, heard[end.Key]).TotalMilliseconds))
            .Order().ToList();
        double At(double part) => sorted[(int)(part * (sorted.Count - 1))];
        return new Delay(At(0.5), At(0.99), At(1), Refused: 0);
    }

    private static async Task<HttpResponseMessage> OpenAsync(HttpClient http, string secret, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sessions/ended");
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"orders:{secret}")));
        return (await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct)).EnsureSuccessStatusCode();
    }

    private static async Task ListenAsync(
        HttpResponseMessage feed, ConcurrentDictionary<Guid, long> heard, CancellationToken ct)
    {
        using (feed)
        {
            await using var stream = await feed.Content.ReadAsStreamAsync(ct);
            await foreach (var item in SseParser.Create(stream).EnumerateAsync(ct))
            {
                if (item.EventType == "ended")
                {
                    var at = Stopwatch.GetTimestamp();
                    using var end = JsonDocument.Parse(item.Data);
                    heard.AddOrUpdate(end.RootElement.GetProperty("sid").GetGuid(), at, (_, before) => Math.Max(before, at));
                }
            }
        }
    }
}
