namespace AuthServer.Client.Tests.Support;

/// <summary>A store in memory that calls a test before it is read, and before it is written.</summary>
public sealed class WatchedStore : ITokenStore
{
    private readonly MemoryTokenStore store = new();

    public Func<Task>? OnRead { get; set; }

    public Action? OnReplace { get; set; }

    public async ValueTask<StoredSession?> ReadAsync(CancellationToken cancellationToken)
    {
        await (OnRead?.Invoke() ?? Task.CompletedTask);
        return await store.ReadAsync(cancellationToken);
    }

    public ValueTask<bool> TryReplaceAsync(
        StoredSession? expected, StoredSession? replacement, CancellationToken cancellationToken)
    {
        OnReplace?.Invoke();
        return store.TryReplaceAsync(expected, replacement, cancellationToken);
    }
}
