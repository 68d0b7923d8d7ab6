using AuthServer.Core;
namespace AuthServer.Storage;

/// <summary>The end of patience with a database that does not answer.</summary>
internal static class Deadline
{
    /// <summary>Waits for what is done in a database, but not longer than anybody should. What is under way goes on.</summary>
    /// <exception cref="UnavailableException">It took too long.</exception>
    public static Task<T> WithTimeoutAsync<T>(this IStorageProvider database, Task<T> work) =>
        database.LongestAnswer == Timeout.InfiniteTimeSpan ? work : WaitAsync(work, database.LongestAnswer);

    private static async Task<T> WaitAsync<T>(Task<T> work, TimeSpan longest)
    {
        try
        {
            return await work.WaitAsync(longest);
        }
        catch (TimeoutException)
        {
            if (work.IsCompleted)
            {
                return await work;
            }

            // Nobody waits for how it ends.
            _ = work.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new UnavailableException("The database does not answer.");
        }
    }
}
