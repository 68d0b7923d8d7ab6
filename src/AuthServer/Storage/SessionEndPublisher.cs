namespace AuthServer.Storage;

/// <summary>Where the ends of sessions are told to whoever has to know of them, whoever ended them. Safe to share.</summary>
internal sealed class SessionEndPublisher(IStorageProvider database, IEnumerable<ISessionEndListener> listeners, TimeProvider clock)
{
    // Others stamp ends by their own clocks.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    private readonly ISessionEndListener[] listeners = [.. listeners];

    /// <summary>Tells of ends that are durable.</summary>
    public void Tell(IReadOnlyList<SessionEnd> ends)
    {
        foreach (var listener in listeners)
        {
            listener.OnEnded(ends);
        }
    }

    /// <summary>Tells of all that ended so lately that somebody still has to know.</summary>
    public async Task ReadAsync(CancellationToken ct)
    {
        foreach (var listener in listeners)
        {
            listener.OnEnded(await database.EndedSinceAsync(clock.GetUtcNow() - listener.Memory - ClockTolerance, ct));
        }
    }
}
