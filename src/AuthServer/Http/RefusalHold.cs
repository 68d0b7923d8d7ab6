using Microsoft.AspNetCore.RateLimiting;

namespace AuthServer.Http;

/// <summary>
/// Holds answers 429 and 503 of the routes that take a password, until some time has passed since the request. So a flood on a
/// number of connections is no faster than that, and leaves the processor to passwords. The time is longer than any look-up
/// before a refusal, which would disclose whether the account exists. Safe to share.
/// </summary>
internal sealed class RefusalHold(TimeProvider clock)
{
    /// <summary>Time from a request to its refusal. One second unless set.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Holds the answer to a request if it becomes a refusal.</summary>
    public void Watch(HttpContext http)
    {
        var policy = http.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName;
        if (policy is RateLimits.Credentials or RateLimits.Logins or RateLimits.Registrations)
        {
            var begun = clock.GetTimestamp();
            http.Response.OnStarting(() => HoldAsync(http, begun));
        }
    }

    private async Task HoldAsync(HttpContext http, long begun)
    {
        var rest = Time - clock.GetElapsedTime(begun);
        if (http.Response.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
            && rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, clock, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
