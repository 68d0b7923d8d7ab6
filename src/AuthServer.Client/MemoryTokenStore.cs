namespace AuthServer.Client;

/// <summary>Keeps the session as long as the process lives. The default.</summary>
public sealed class MemoryTokenStore : ITokenStore
{
    private readonly Lock gate = new();
    private StoredSession? stored;

    /// <inheritdoc/>
    public ValueTask<StoredSession?> ReadAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return ValueTask.FromResult(stored);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryReplaceAsync(StoredSession? expected, StoredSession? replacement, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var isExpected = stored == expected;
            stored = isExpected ? replacement : stored;
            return ValueTask.FromResult(isExpected);
        }
    }
}
