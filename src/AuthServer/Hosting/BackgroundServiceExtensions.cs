namespace AuthServer.Hosting;

/// <summary>Stops of background services.</summary>
internal static class BackgroundServiceExtensions
{
    /// <summary>
    /// True if a service that was stopped never ran. <see cref="BackgroundService"/> starts its task in the thread pool, and a
    /// stop before that cancels the task. The service then has to do in its stop what its task would have done.
    /// </summary>
    public static bool NeverRan(this BackgroundService stopped) => stopped.ExecuteTask is null or { IsCanceled: true };
}
