namespace AuthServer.Client;

/// <summary>Pause between a failed attempt and the next one, shared by all callers that wait for it. Safe to share.</summary>
/// <param name="failure">The failure that the pause follows.</param>
/// <param name="length">Length of the pause, counted from the construction.</param>
/// <param name="clock">Measures by its timestamps; the time of day is not used.</param>
internal sealed class Cooldown(HttpRequestException failure, TimeSpan length, TimeProvider clock)
{
    private readonly long began = clock.GetTimestamp();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HttpRequestException Failure => failure;

    /// <summary>Time until the next attempt; zero if it is due.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var remaining = length - clock.GetElapsedTime(began);
            return remaining > TimeSpan.Zero && !ended.Task.IsCompleted ? remaining : TimeSpan.Zero;
        }
    }

    /// <summary>Waits until the pause is over or was ended early.</summary>
    /// <exception cref="OperationCanceledException">The caller has cancelled its wait.</exception>
    public async Task WaitAsync(CancellationToken ct)
    {
        await ended.Task.WaitAsync(Remaining, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    /// <summary>Ends the pause early: the session that it was about is gone.</summary>
    public void End() => ended.TrySetResult();
}
