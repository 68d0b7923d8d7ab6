using System.Net;
using AuthServer.Client.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>Contents of the exception that an error of the server becomes.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("unknown")]
    [InlineData(null)]
    public async Task Error_has_code_status_and_outcome(string? outcome)
    {
        var failure = await FailAsync(() => StubServer.Problem(503, "unavailable", outcome: outcome));
        Assert.Equal(
            (AuthServerErrorCodes.Unavailable, HttpStatusCode.ServiceUnavailable, outcome, "trace"),
            (failure.Code, failure.Status, failure.Outcome, failure.TraceId));
    }

    [Theory]
    [InlineData("7", null, 7)]
    [InlineData("0", null, 0)]
    [InlineData("Mon, 01 Jan 2001 00:10:00 GMT", "Mon, 01 Jan 2001 00:00:00 GMT", 600)]
    [InlineData("Mon, 01 Jan 2001 00:00:00 GMT", "Mon, 01 Jan 2001 00:10:00 GMT", 0)]
    [InlineData("99999999999", null, int.MaxValue)]
    [InlineData("soon", null, null)]
    [InlineData("-1", null, null)]
    public async Task Error_has_time_to_wait(string retryAfter, string? date, int? seconds)
    {
        var failure = await FailAsync(() =>
        {
            var answer = StubServer.Problem(503, "unavailable");
            answer.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            answer.Headers.TryAddWithoutValidation("Date", date);
            return answer;
        });
        Assert.Equal(seconds, failure.RetryAfter?.TotalSeconds);
    }

    private static async Task<AuthServerException> FailAsync(Func<HttpResponseMessage> answer)
    {
        using var server = new StubServer { OnCall = _ => Task.FromResult(answer()) };
        await using var device = await server.LogInAsync();
        return await Assert.ThrowsAsync<AuthServerException>(() => device.Auth.GetMeAsync(TestContext.Current.CancellationToken));
    }
}
