using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using AuthServer.Benchmarks.Load;
using AuthServer.Benchmarks.Reports;
using AuthServer.Benchmarks.Servers;

namespace AuthServer.Benchmarks.Delays;

/// <summary>
/// Measures how long honest logins take during floods of guesses, under the default limits. Each guess is at a name of its own,
/// and each honest login comes from a network that has sent nothing before.
/// </summary>
/// <param name="program">The published server.</param>
internal sealed class LoginDelays(string program)
{
    private const int Guessers = 160;
    private const int Logins = 100;
    private const string User = "honest";
    private const string Password = "Correct-horse-4-battery";

    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FloodBefore = TimeSpan.FromSeconds(2);

    private static readonly (string Name, Func<int, int, string>? AddressOf)[] Floods =
    [
        ("logins alone", null),
        ("during guesses of one IPv6 customer", (guesser, number) => Format($"2001:db8:0:{guesser:x}::{number:x}")),
        ("during guesses of 160 networks", (guesser, _) => Format($"198.51.{guesser}.7")),
        ("if each guess has a new network", (guesser, number) => Format($"{11 + (number >> 8)}.{number & 255}.{guesser}.7")),
    ];

    private readonly Dictionary<string, List<Delay>> delays = Floods.ToDictionary(flood => flood.Name, _ => new List<Delay>());
    private int networks;

    /// <summary>Measures one round.</summary>
    public async Task MeasureAsync(CancellationToken ct)
    {
        foreach (var (name, addressOf) in Floods)
        {
            var folder = Repository.NewDataFolder("flood");
            var peer = Peers.Find(Peers.AuthServer);
            var settings = new Dictionary<string, string>(peer.Settings(folder))
            {
                ["RateLimits__Enabled"] = "true",
                ["Proxies__Known__0"] = "127.0.0.1",
            };
            await using (var server = await ServerProcess.StartAsync(peer, program, settings, ct))
            {
                delays[name].Add(await MeasureAsync(server, addressOf, ct));
                await server.StopAsync(ct);
            }

            Repository.Remove(folder);
        }
    }

    public Table ToTable()
    {
        var table = new Table(Delay.Columns);
        foreach (var (name, rounds) in delays)
        {
            table.Add(Delay.RowOf(name, rounds));
        }

        return table;
    }

    private async Task<Delay> MeasureAsync(ServerProcess server, Func<int, int, string>? addressOf, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{server.Target.Address}") };
        await SendAsync(http, "/register", User, Password, NewNetwork(), ct);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var flood = addressOf is null ? Task.CompletedTask : FloodAsync(http, addressOf, end.Token);
        await Task.Delay(FloodBefore, ct);
        var tally = new Tally(toleratesUnavailable: true);
        var logins = new List<Task>();
        using (var timer = new PeriodicTimer(Gap))
        {
            while (logins.Count < Logins && await timer.WaitForNextTickAsync(ct))
            {
                logins.Add(LogInAsync(http, NewNetwork(), tally, ct));
            }
        }

        await Task.WhenAll(logins);
        await end.CancelAsync();
        await flood.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Delay.Of(tally, "login");
    }

    private static async Task LogInAsync(HttpClient http, string address, Tally tally, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        var response = new Response((int)await SendAsync(http, "/login", User, Password, address, ct), default);
        if (response.IsSuccess)
        {
            tally.Record(began, Stopwatch.GetTimestamp(), long.MaxValue);
        }
        else
        {
            tally.RecordFailure(response);
        }
    }

    private static Task FloodAsync(HttpClient http, Func<int, int, string> addressOf, CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, Guessers).Select(async guesser =>
        {
            for (var number = 0; ; number++)
            {
                await SendAsync(http, "/login", $"user{guesser}-{number}", "a wrong password", addressOf(guesser, number), ct);
            }
        }));

    private static async Task<HttpStatusCode> SendAsync(
        HttpClient http, string path, string username, string password, string address, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = JsonContent.Create(new { username, password }),
        };
        request.Headers.Add("X-Forwarded-For", address);
        using var answer = await http.SendAsync(request, ct);
        return answer.StatusCode;
    }

    private string NewNetwork() => Format($"{100 + (++networks >> 8)}.{networks & 255}.1.1");

    private static string Format(FormattableString text) => FormattableString.Invariant(text);
}
