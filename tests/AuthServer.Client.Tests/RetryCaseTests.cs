using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>Moments at which the client sends requests again, by a table that also holds for the JavaScript client.</summary>
public sealed class RetryCaseTests
{
    private static readonly Dictionary<string, RetryCase> Cases = RetryCase.ReadAll().ToDictionary(item => item.Name);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Names))]
    public async Task Client_follows_table_of_retries(string name)
    {
        var expected = Cases[name];
        await using var run = new RetryCaseRun(expected);
        await run.PlayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(expected.Attempts, run.Server.Attempts.Select(attempt => attempt.At.TotalSeconds));
        Assert.Equal(
            expected.Calls.Select(call => (call.Ends, call.With)),
            run.Results.Select(result => (result.Ends.TotalSeconds, result.With)));
        Assert.Equal(
            expected.SessionEnds is { } end ? [(end.Code, end.Reason)] : [],
            run.Ended.Select(ended => (ended.Code, ended.Reason)));
        if (expected.Request == "refresh")
        {
            var presents = expected.Presents ?? Enumerable.Repeat("r0", expected.Attempts.Count);
            Assert.Equal(presents, run.Server.Attempts.Select(attempt => attempt.Presented));
        }

        if (expected.Calls[^1].With is ['a', .. var pair])
        {
            Assert.Equal("r" + pair, await run.StoredTokenAsync());
        }
    }
}
