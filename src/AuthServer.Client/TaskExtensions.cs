namespace AuthServer.Client;

/// <summary>Additions to tasks.</summary>
internal static class TaskExtensions
{
    /// <summary>Marks a failure as seen even if no caller waits for the task any more.</summary>
    public static void ObserveFailure(this Task task) => task.ContinueWith(
        static finished => _ = finished.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);
}
