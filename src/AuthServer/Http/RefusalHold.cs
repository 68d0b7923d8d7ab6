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
        // Begun now: what is left after a look-up would be rounded by the timer, and show how long the look-up took.
        var end = Task.Delay(Time, clock);
        http.Response.OnStarting(() =>
            http.Response.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
                ? WaitAsync(end, http.RequestAborted)
                : Task.CompletedTask);
    }

    private static async Task WaitAsync(Task end, CancellationToken ct) =>
        await end.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
