using System.Net;

namespace AuthServer.Client;

/// <summary>
/// Moments at which a request is sent again: 1 second after its failure, then after 2, 4, 8 and 15 seconds. It is never sent
/// before <c>Retry-After</c>, which is obeyed up to 60 seconds. Not thread-safe: one attempt at a time.
/// </summary>
internal sealed class RetrySchedule
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(60);

    // Short at first, so that a request that was lost on its way costs little; then long enough for the slowest networks.
    private static readonly TimeSpan[] Timeouts = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)];

    private TimeSpan wait = FirstWait;
    private int timeouts;

    /// <summary>Maximum duration of the next attempt: 5 seconds, 10 after one timeout, 60 after two.</summary>
    public TimeSpan AttemptTimeout => Timeouts[timeouts];

    /// <summary>Records a failed attempt.</summary>
    /// <returns>The time from now until the next attempt; null if the same request would fail again.</returns>
    public TimeSpan? WaitAfter(HttpRequestException failure)
    {
        if (!IsTransient(failure))
        {
            return null;
        }

        timeouts = failure.InnerException is TimeoutException ? Math.Min(timeouts + 1, Timeouts.Length - 1)
            : failure is AuthServerException ? 0
            : timeouts;
        var next = Longer(wait, Shorter((failure as AuthServerException)?.RetryAfter ?? TimeSpan.Zero, LongestRetryAfter));
        wait = Shorter(wait * 2, LongestWait);
        return next;
    }

    /// <summary>
    /// Begins again with a wait of 1 second. The timeout stays, because the network may still be as slow as it was.
    /// </summary>
    public void Restart() => wait = FirstWait;

    // No answer, or an answer that may be another one later.
    private static bool IsTransient(HttpRequestException failure) =>
        failure.StatusCode is null or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
