using System.Collections.Concurrent;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.Hardening.Tests.Fuzzing;

/// <summary>Bytes that are no HTTP, or HTTP that two servers may read in two ways.</summary>
public sealed class RawHttpTests(ITestOutputHelper report)
{
    private const int ShortForm = 1_000;
    private const int LongForm = 50_000;
    private const int Workers = 16;
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

    // A part of the connections is half-closed while their requests are incomplete.
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(50);

    // Only makes a connection fail that the server keeps open.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Broken_requests_get_answers_of_contract_or_bare_400()
    {
        var count = HardeningRun.Of(ShortForm, LongForm);
        var random = HardeningRun.Begin(report, $"{count} connections");
        await using var app = new AuthServerApp([.. Allowances.Settings]);
        var server = Start(app);
        var statuses = new ConcurrentDictionary<int, int>();
        var violations = new ConcurrentQueue<string>();
        var fuzzers = Enumerable.Range(0, Workers).Select(_ => new RawFuzzer(new Random(random.Next())));
        await Task.WhenAll(fuzzers.Select(async fuzzer =>
        {
            for (var i = 0; i < count / Workers; i++)
            {
                var sent = fuzzer.Next();
                using var connection = await RawConnection.OpenAsync(server);
                var answers = RawAnswer.Read(await connection.ExchangeAsync(sent, Silence));
                statuses.AddOrUpdate(answers.Count == 0 ? 0 : answers[0].Status, 1, (_, sum) => sum + 1);
                foreach (var answer in answers.Where(answer => answer.Violation is not null))
                {
                    violations.Enqueue($"{answer.Status} {answer.Violation}\n{sent}");
                }
            }
        }));

        var counts = statuses.OrderBy(status => status.Key).Select(status => $"{status.Value}×{status.Key}");
        report.WriteLine($"First answers: {string.Join(", ", counts)} (0: none).");
        Assert.True(violations.IsEmpty, $"{violations.Count} violations:\n{string.Join("\n\n", violations.Take(20))}");
        await app.ShouldBeSoundAsync();
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n")]
    [InlineData("Content-Length: 0\r\nContent-Length: 5", "")]
    [InlineData("Content-Length: 0, 5", "")]
    [InlineData("Content-Length : 0", "")]
    [InlineData("Transfer-Encoding: identity", "")]
    [InlineData("Transfer-Encoding: chunked, identity", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: xchunked", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding : chunked", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding:\r\n chunked", "0\r\n\r\n")]
    [InlineData("X: a\r\n Content-Length: 0", "")]
    [InlineData("Content-Length: 0\rX: a", "")]
    [InlineData("Transfer-Encoding: chunked", "2;\nxx\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked", "0 \r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked", "0x0\r\n\r\n")]
    public async Task Ambiguous_length_smuggles_no_request(string length, string body)
    {
        await using var app = new AuthServerApp([.. Allowances.Settings]);
        using var connection = await RawConnection.OpenAsync(Start(app));
        var received = await connection.ExchangeAsync(
            $"POST /logout HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n{body}{Smuggled}", Timeout);
        Assert.Null(Assert.Single(RawAnswer.Read(received)).Violation);
    }

    private static Uri Start(AuthServerApp app)
    {
        app.UseKestrel(0);
        using var client = app.CreateClient();
        return client.BaseAddress!;
    }
}
