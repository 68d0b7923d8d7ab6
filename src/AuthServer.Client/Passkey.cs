namespace AuthServer.Client;

/// <summary>A passkey of the user.</summary>
public sealed class Passkey
{
    /// <summary>The id, by which it is renamed and removed.</summary>
    public required Guid Id { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The moment when it was added, by the server's clock.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>True if it has been copied to other devices.</summary>
    public required bool Synced { get; init; }

    /// <summary>Recovery codes that came with the first factor of the user, and are shown once; else empty.</summary>
    public IReadOnlyList<string> RecoveryCodes { get; init; } = [];
}
