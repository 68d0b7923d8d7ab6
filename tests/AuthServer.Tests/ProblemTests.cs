using AuthServer.Core;
using AuthServer.Tests.Support;

namespace AuthServer.Tests;

/// <summary>The form of errors, whichever part of the server answers with one.</summary>
public sealed class ProblemTests(SharedApp shared) : IClassFixture<SharedApp>
{
    [Theory]
    [InlineData("text/html")]
    [InlineData("image/png")]
    [InlineData("application/xml;q=0.9, text/plain")]
    public async Task Error_is_problem_whatever_request_accepts(string accept)
    {
        using var client = shared.App.CreateClient();
        client.DefaultRequestHeaders.Add("Accept", accept);
        await (await client.SendAsync(HttpMethod.Get, "/nothing")).ShouldBeProblemAsync(404, "not_found");
        await (await client.SendAsync(HttpMethod.Get, "/login")).ShouldBeProblemAsync(405, "method_not_allowed");
        await (await client.SendAsync(HttpMethod.Get, "/me")).ShouldBeProblemAsync(401, "access_token_missing");
        await (await client.SendAsync(HttpMethod.Post, "/refresh")).ShouldBeProblemAsync(401, "refresh_token_missing");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lost_answer_of_database_is_unknown_outcome(bool isLost)
    {
        var probe = new DatabaseProbe();
        await using var app = new AuthServerApp(probe.AddTo);
        var ada = await app.LogInAsync("ada");
        probe.CommandFault = new UnavailableException("secret of the database") { IsOutcomeUnknown = isLost };
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Get, "/sessions", null),
            (HttpMethod.Post, "/logout/all", null),
            (HttpMethod.Post, "/refresh", new { ada.Pair.RefreshToken }),
        })
        {
            var problem = await (await ada.SendAsync(method, path, body)).ShouldBeProblemAsync(503, "unavailable");
            Assert.Equal(isLost, problem.TryGetProperty("outcome", out var outcome) && outcome.GetString() == "unknown");
            var expected = isLost ? "The request may have been carried out" : "Nothing was changed";
            Assert.StartsWith(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("traceparent", "00-636c69656e742d74726163652d696421-636c69656e747370-01")]
    [InlineData("traceparent", "00-636c69656e742d74726163652d696421-636c69656e747370-00")]
    [InlineData("traceparent", "cc-636c69656e742d74726163652d696421-636c69656e747370-01-more")]
    [InlineData("traceparent", "00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("traceparent", "a client's text")]
    [InlineData("Request-Id", "|636c69656e742d74726163652d696421.636c69656e747370.")]
    public async Task Client_does_not_choose_trace_id(string header, string value)
    {
        using var client = shared.App.CreateClient();
        client.DefaultRequestHeaders.Add(header, value);
        client.DefaultRequestHeaders.Add("tracestate", "client=1");
        client.DefaultRequestHeaders.Add("baggage", "user=ada");
        var first = await (await client.SendAsync(HttpMethod.Get, "/me")).ShouldBeProblemAsync(401, "access_token_missing");
        var second = await (await client.SendAsync(HttpMethod.Get, "/me")).ShouldBeProblemAsync(401, "access_token_missing");
        var ids = new[] { first, second }.Select(problem => problem.GetProperty("traceId").GetString()!).ToList();
        Assert.All(ids, id => Assert.Matches("^(?!0{32})[0-9a-f]{32}$", id));
        Assert.Equal(2, ids.Distinct().Count());
        Assert.DoesNotContain("636c69656e742d74726163652d696421", ids);
    }
}
