using System.Globalization;
using System.Net;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Hardening.Tests.Faults;

namespace AuthServer.Hardening.Tests.Floods;

/// <summary>Floods of a server that limits requests and failures as it does by default.</summary>
public sealed class FloodTests(ITestOutputHelper report) : IDisposable
{
    private const int Clients = 8;
    private const int MostConnections = 300;
    private const string HalfRequest = "POST /login HTTP/1.1\r\nHost: localhost\r\n";

    // Clients behave like people, whom the limits let pass.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestConnection = TimeSpan.FromMinutes(1);

    private static readonly string[] Settings =
    [
        "RateLimits:AccountFailures=100",
        "RateLimits:NetworkFailures=100",
        "RateLimits:Credentials:Burst=60",
        "RateLimits:Sessions:Burst=1000",
        "RateLimits:LoginsPerDay=5000",
        "RateLimits:RegistrationsPerDay=200",
        "Passwords:WorkFactor=8",
        "Proxies:Known:0=127.0.0.1",
        $"Connections:Max={MostConnections}",
        "Connections:RequestTimeout=00:00:02",
        "Connections:IdleTimeout=00:00:02",
    ];

    private readonly DataFolder data = new();
    private int names;

    [Fact]
    public async Task Floods_lose_no_acknowledged_effect_and_log_no_client_out()
    {
        var random = HardeningRun.Begin(report, $"{Clients} clients");
        await using var server = await FaultyServer.StartAsync(data, command => command, Settings);
        var load = new Workload(server.Address, Clients, random, Pause);
        await load.RegisterAsync();
        var flooded = server.Process.Http.BaseAddress!;
        List<Fault> faults =
        [
            .. Floods().Select(flood => new Fault(flood.Key, () => flood.Value.RunAsync(flooded, report))),
            new("idle connections", () => HoldConnectionsAsync(flooded, "", "")),
            new("half requests", () => HoldConnectionsAsync(flooded, HalfRequest, "HTTP/1.1 408 ")),
        ];
        await Fault.RunAllAsync(faults, load, id => SqliteFaultTests.ReadAsync(data, id), random, report);
    }

    public void Dispose() => data.Dispose();

    // The accounts user0 and user1 are those of clients.
    private Dictionary<string, Flood> Floods() => new()
    {
        ["guesses of one customer"] = new(
            "/login", _ => Guess("user0"), OneCustomer, HttpStatusCode.TooManyRequests, HttpStatusCode.Unauthorized),
        ["guesses of many networks at one account"] = new(
            "/login", _ => Guess("user1"), AnyNetwork, HttpStatusCode.TooManyRequests, HttpStatusCode.Unauthorized),
        ["guesses of many networks at many names"] = new(
            "/login", _ => Guess(NewName()), AnyNetwork, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests),
        ["registrations of one customer"] = new(
            "/register",
            _ => new { username = NewName(), password = "vd8s0-c63ja-9wlq2" },
            OneCustomer,
            HttpStatusCode.TooManyRequests,
            HttpStatusCode.Created),
        ["invented refresh tokens of one customer"] = new(
            "/refresh",
            _ => new { refreshToken = NewName() },
            OneCustomer,
            HttpStatusCode.TooManyRequests,
            HttpStatusCode.Unauthorized),
    };

    private string NewName() => string.Create(CultureInfo.InvariantCulture, $"eve{Interlocked.Increment(ref names)}");

    private static object Guess(string username) => new { username, password = "a wrong password" };

    private static string OneCustomer(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"2001:db8:0:{number % 256:x}::{number:x}");

    private static string AnyNetwork(int number) => string.Create(
        CultureInfo.InvariantCulture, $"{11 + ((number >> 16) % 64)}.{(number >> 8) % 256}.{number % 256}.9");

    /// <summary>
    /// Opens more connections than the server keeps. It closes some at once, and the rest with an answer after a while.
    /// </summary>
    private static async Task HoldConnectionsAsync(Uri server, string sent, string answered)
    {
        var connections = new List<RawConnection>();
        try
        {
            for (var i = 0; i <= MostConnections; i++)
            {
                connections.Add(await RawConnection.OpenAsync(server));
            }

            var answers = await Task.WhenAll(
                connections.Select(connection => connection.ExchangeAsync(sent, LongestConnection)));
            Assert.Contains("", answers);
            Assert.Contains(answers, answer => answer.StartsWith(answered, StringComparison.Ordinal));
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }
    }
}
