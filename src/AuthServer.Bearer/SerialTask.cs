namespace AuthServer.Bearer;

/// <summary>
/// Runs tasks one after the other. Of two reads at the same time, the older answer could replace the newer one. Safe to share.
/// </summary>
internal sealed class SerialTask
{
    private readonly Lock starts = new();
    private Task last = Task.CompletedTask;

    /// <summary>Runs a task after those before it, even if they have failed.</summary>
    public Task RunAsync(Func<Task> task)
    {
        lock (starts)
        {
            return last = RunAfterAsync(last, task);
        }
    }

    private static async Task RunAfterAsync(Task before, Func<Task> task)
    {
        // Yields, so that a task that begins by working does not hold the lock.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        await task();
    }
}
