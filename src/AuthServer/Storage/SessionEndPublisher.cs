using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>Notifies listeners of ended sessions, whichever node or command ended them. Safe to share.</summary>
internal sealed class SessionEndPublisher(
    IStorageProvider provider, IEnumerable<ISessionEndListener> listeners, EndedSessionMemory memory, TimeProvider clock)
    : IReloadable
{
    private const int MaxAtOnce = 1000;

    private readonly ISessionEndListener[] listeners = [.. listeners];

    /// <summary>Notifies of durable ends. An empty list lets listeners forget what is over.</summary>
    public void Publish(IReadOnlyList<SessionEnd> ends)
    {
        foreach (var listener in listeners)
        {
            listener.OnEnded(ends);
        }
    }

    /// <summary>Notifies of all ends that still have to be remembered, as the database has them.</summary>
    public async Task ReloadAsync(CancellationToken ct)
    {
        var ends = await provider.RunReadAsync(
            token => provider.EndedSinceAsync(clock.GetUtcNow() - memory.Duration, token), ct);

        // A batch of refreshes publishes too, and must not wait until a hundred thousand ends are remembered.
        foreach (var some in ends.Chunk(MaxAtOnce))
        {
            Publish(some);
        }

        if (ends.Count == 0)
        {
            Publish([]);
        }
    }
}
