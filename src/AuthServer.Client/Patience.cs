using System.Net;
using System.Security.Cryptography;

namespace AuthServer.Client;

/// <summary>How long to go on trying, and how long to wait between. For one thing that is tried, by one caller.</summary>
/// <param name="clock">Measures by its timestamps; the time of day is never asked for.</param>
/// <param name="budget">Counted from now, which has to be before the first try; no try begins after it.</param>
/// <param name="longestTry">How long the last try may take, and any other at most.</param>
internal sealed class Patience(TimeProvider clock, TimeSpan budget, TimeSpan longestTry)
{
    private static readonly TimeSpan FirstTry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(0.25);

    private readonly long began = clock.GetTimestamp();
    private TimeSpan tryTime = FirstTry;
    private TimeSpan step = FirstWait;
    private bool hasWaited;

    /// <summary>
    /// How long the try that begins now may take. It is short first, so that a server that swallows a request doesn't swallow the
    /// budget. The last try leaves time for no other: the budget bounds what is sent, not what is answered.
    /// </summary>
    public TimeSpan TryTime => clock.GetElapsedTime(began) + tryTime + LongestNextWait < budget ? tryTime : longestTry;

    private TimeSpan LongestNextWait => hasWaited ? step : TimeSpan.Zero;

    /// <summary>
    /// Waits as long as is right after a failure. False, at once, where no time is left for another try, or none would help.
    /// </summary>
    public async Task<bool> WaitAsync(HttpRequestException failure, CancellationToken ct)
    {
        if (!MayPass(failure))
        {
            return false;
        }

        if (failure.InnerException is TimeoutException)
        {
            // Perhaps it answers, only slowly.
            tryTime = tryTime * 2 < longestTry ? tryTime * 2 : longestTry;
        }

        var wait = WaitAfter(failure as AuthServerException);
        if (clock.GetElapsedTime(began) + wait >= budget)
        {
            return false;
        }

        await Task.Delay(wait, clock, ct).ConfigureAwait(false);
        return true;
    }

    // No answer, or one that says not now. Others would be the same again.
    private static bool MayPass(HttpRequestException failure) =>
        failure.StatusCode is null or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    // An answer that was lost is worth asking for again at once; a server that answers wants less, not more.
    private TimeSpan WaitAfter(AuthServerException? answer)
    {
        if (answer is null && !hasWaited)
        {
            hasWaited = true;
            return TimeSpan.Zero;
        }

        hasWaited = true;
        var wait = step * (RandomNumberGenerator.GetInt32(500, 1000) / 1000.0);
        step = step * 2 < LongestWait ? step * 2 : LongestWait;
        return (answer?.RetryAfter ?? TimeSpan.Zero) + wait;
    }
}
