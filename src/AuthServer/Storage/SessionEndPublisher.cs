using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>Notifies listeners of ended sessions, whichever node or command ended them. Safe to share.</summary>
internal sealed class SessionEndPublisher(
    IStorageProvider provider, IEnumerable<ISessionEndListener> listeners, EndedSessionMemory memory, TimeProvider clock)
{
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
    public async Task PublishRecentAsync(CancellationToken ct) =>
        Publish(await provider.RunReadAsync(token => provider.EndedSinceAsync(clock.GetUtcNow() - memory.Duration, token), ct));
}
