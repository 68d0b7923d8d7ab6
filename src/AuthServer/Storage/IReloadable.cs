namespace AuthServer.Storage;

/// <summary>
/// State that a node keeps of the database. It is read at start, when another node has changed it, and after the connection that
/// notifies of changes was lost.
/// </summary>
internal interface IReloadable
{
    /// <summary>Reads the state again.</summary>
    /// <exception cref="Core.UnavailableException">The database is away, too busy, or did not answer in time.</exception>
    Task ReloadAsync(CancellationToken ct);
}

internal static class ReloadableExtensions
{
    /// <summary>Reads all state again.</summary>
    public static async Task ReloadAsync(this IEnumerable<IReloadable> all, CancellationToken ct)
    {
        foreach (var one in all)
        {
            await one.ReloadAsync(ct);
        }
    }
}
