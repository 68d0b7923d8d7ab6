using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using AuthServer.Hardening.Tests.Faults;

namespace AuthServer.Hardening.Tests.Floods;

/// <summary>Requests of an attacker, as many as a number of connections can carry.</summary>
/// <param name="Path">The route.</param>
/// <param name="BodyOf">The body of each request, by its number.</param>
/// <param name="AddressOf">The address that each request comes from, by its number.</param>
/// <param name="Expected">The status that some of the answers have.</param>
/// <param name="Allowed">The status that all other answers may have, beside 503.</param>
internal sealed record Flood(
    string Path,
    Func<int, object> BodyOf,
    Func<int, string> AddressOf,
    HttpStatusCode Expected,
    params IReadOnlyList<HttpStatusCode> Allowed)
{
    private const int Connections = 64;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Sends requests for as long as a fault is on, and until one has the expected status. Checks all.</summary>
    public async Task RunAsync(Uri server, ITestOutputHelper report)
    {
        var answers = new ConcurrentDictionary<HttpStatusCode, int>();
        using var http = new HttpClient { BaseAddress = server };
        var (sent, began) = (0, Stopwatch.GetTimestamp());
        bool IsOn(TimeSpan time) => Stopwatch.GetElapsedTime(began) < time;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            while (IsOn(Fault.Duration) || (IsOn(Longest) && !answers.ContainsKey(Expected)))
            {
                var status = await SendAsync(http, Interlocked.Increment(ref sent));
                answers.AddOrUpdate(status, 1, (_, count) => count + 1);
            }
        })));
        report.WriteLine(string.Join(", ", answers.Select(answer => $"{answer.Value} times {(int)answer.Key}")));
        Assert.True(answers.ContainsKey(Expected), $"No answer is {Expected}.");
        Assert.Empty(answers.Keys.Except([Expected, .. Allowed, HttpStatusCode.ServiceUnavailable]));
    }

    private async Task<HttpStatusCode> SendAsync(HttpClient http, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = JsonContent.Create(BodyOf(number)) };
        request.Headers.Add("X-Forwarded-For", AddressOf(number));
        using var answer = await http.SendAsync(request, Ct);
        return answer.StatusCode;
    }
}
