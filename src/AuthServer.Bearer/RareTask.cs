namespace AuthServer.Bearer;

/// <summary>
/// Limits how often a task is started. A caller can name keys that do not exist as often as it likes, and each would cause a
/// look-up. Safe to share.
/// </summary>
/// <param name="interval">Time from one start of the task to the next.</param>
/// <param name="clock">The clock.</param>
internal sealed class RareTask(TimeSpan interval, TimeProvider clock)
{
    private readonly Lock starts = new();
    private Task running = Task.CompletedTask;
    private long? lastStart;

    /// <summary>Starts the task, unless it was started within the interval. Waits for the last one that was started.</summary>
    public Task RunAsync(Func<Task> task)
    {
        lock (starts)
        {
            if (running.IsCompleted && !(lastStart is { } last && clock.GetElapsedTime(last) < interval))
            {
                lastStart = clock.GetTimestamp();
                running = Task.Run(task);
            }

            return running;
        }
    }
}
