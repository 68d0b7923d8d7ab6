namespace AuthServer.Client;

/// <summary>An estimate of a password as a new one.</summary>
public sealed class PasswordEstimate
{
    /// <summary>True if a registration with these names would accept the password.</summary>
    public required bool Acceptable { get; init; }

    /// <summary>0 to 4. Easily guessed are 0 and 1, and 0 is also a password of a wrong length.</summary>
    public required int Score { get; init; }

    /// <summary>The reason why it is not acceptable, in English; null if it is.</summary>
    public string? Detail { get; init; }
}
