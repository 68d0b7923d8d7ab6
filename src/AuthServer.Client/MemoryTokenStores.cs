using System.Collections.Concurrent;

namespace AuthServer.Client;

/// <summary>
/// Keeps the sessions of many users as long as the process runs. Nothing is left of a session that has ended. Safe to share.
/// </summary>
internal sealed class MemoryTokenStores
{
    private readonly ConcurrentDictionary<string, StoredSession> sessions = [];

    /// <summary>The store of the session with a key.</summary>
    public ITokenStore For(string key) => new Store(sessions, key);

    private sealed class Store(ConcurrentDictionary<string, StoredSession> sessions, string key) : ITokenStore
    {
        public ValueTask<StoredSession?> ReadAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult(sessions.GetValueOrDefault(key));

        public ValueTask<bool> TryReplaceAsync(
            StoredSession? expected, StoredSession? replacement, CancellationToken cancellationToken) =>
            ValueTask.FromResult((expected, replacement) switch
            {
                (null, null) => !sessions.ContainsKey(key),
                (null, _) => sessions.TryAdd(key, replacement),
                (_, null) => sessions.TryRemove(new(key, expected)),
                _ => sessions.TryUpdate(key, replacement, expected),
            });
    }
}
