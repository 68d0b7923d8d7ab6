namespace AuthServer.Client;

/// <summary>Keeps the session and the device token as long as the process runs. The default. Safe to share.</summary>
public sealed class MemoryTokenStore : ITokenStore
{
    private readonly Lock sync = new();
    private StoredSession? stored;
    private string? device;

    /// <inheritdoc/>
    public ValueTask<StoredSession?> ReadAsync(CancellationToken cancellationToken)
    {
        lock (sync)
        {
            return ValueTask.FromResult(stored);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryReplaceAsync(
        StoredSession? expected, StoredSession? replacement, CancellationToken cancellationToken)
    {
        lock (sync)
        {
            var isExpected = stored == expected;
            stored = isExpected ? replacement : stored;
            return ValueTask.FromResult(isExpected);
        }
    }

    /// <inheritdoc/>
    public ValueTask<string?> ReadDeviceTokenAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(Volatile.Read(ref device));

    /// <inheritdoc/>
    public ValueTask WriteDeviceTokenAsync(string deviceToken, CancellationToken cancellationToken)
    {
        Volatile.Write(ref device, deviceToken);
        return ValueTask.CompletedTask;
    }
}
