using System.Collections.Concurrent;
using System.Text;
using AuthServer.Tests.Support;

namespace AuthServer.Hardening.Tests.Fuzzing;

/// <summary>Requests that no client sends, to every route, through Kestrel.</summary>
public sealed class RouteFuzzTests(ITestOutputHelper report)
{
    private const int ShortForm = 3_000;
    private const int LongForm = 150_000;
    private const int Workers = 4;

    // Some requests log out or change the password, so the workers log in again and again.
    private const int RequestsPerLogin = 50;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mutated_requests_to_every_route_get_answers_of_contract()
    {
        var count = HardeningRun.Of(ShortForm, LongForm);
        var random = HardeningRun.Begin(report, $"{count} requests");
        await using var app = new AuthServerApp([.. Allowances.Settings]);
        app.UseKestrel(0);
        using var client = app.CreateClient();
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        };
        using var http = new HttpClient(handler) { BaseAddress = client.BaseAddress };
        var routes = Route.Of(app);
        var statuses = new ConcurrentDictionary<int, int>();
        var violations = new ConcurrentQueue<string>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker =>
            RunAsync(app, http, new RequestFuzzer(new Random(random.Next()), routes) { Session = default }, worker)));

        var counts = statuses.OrderBy(status => status.Key).Select(status => $"{status.Value}×{status.Key}");
        report.WriteLine($"{routes.Count} routes; answers: {string.Join(", ", counts)}.");
        Assert.True(violations.IsEmpty, $"{violations.Count} violations:\n{string.Join("\n\n", violations.Take(20))}");
        Assert.Equal(count, statuses.Values.Sum());
        await app.ShouldBeSoundAsync();

        async Task RunAsync(AuthServerApp server, HttpClient sender, RequestFuzzer fuzzer, int worker)
        {
            for (var i = 0; i < count / Workers; i++)
            {
                if (i % RequestsPerLogin == 0)
                {
                    var name = $"fuzz{worker}-{i}";
                    fuzzer.Session = (name, (await server.LogInAsync(name)).Pair);
                }

                using var request = fuzzer.Next();
                var (status, violation) = await SendAsync(sender, request);
                statuses.AddOrUpdate(status, 1, (_, sum) => sum + 1);
                if (violation is not null)
                {
                    var sent = $"{request.Method} {request.RequestUri}\n{await DescribeAsync(request)}";
                    violations.Enqueue($"{status} {violation}: {sent}");
                }
            }
        }
    }

    private static async Task<(int Status, string? Violation)> SendAsync(HttpClient http, HttpRequestMessage request)
    {
        request.RequestUri = new Uri(
            http.BaseAddress!.GetLeftPart(UriPartial.Authority) + request.RequestUri!.PathAndQuery,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);

            // A stream of events has no end.
            var type = answer.Content.Headers.ContentType?.ToString();
            var body = type == "text/event-stream" ? "" : await answer.Content.ReadAsStringAsync(Ct);
            var status = (int)answer.StatusCode;
            return Answers.IsOfKestrel(status, type, answer.Headers.ConnectionClose == true)
                ? (status, null)
                : (status, Answers.ViolationOf(status, type, request.Method == HttpMethod.Head ? null : body));
        }
        catch (HttpRequestException exception)
        {
            return (0, exception.ToString());
        }
    }

    private static async Task<string> DescribeAsync(HttpRequestMessage request) =>
        request.Headers + (request.Content is null ? "" : request.Content.Headers + await request.Content.ReadAsStringAsync(Ct));
}
