namespace AuthServer.Core;

/// <summary>The state of an access key. It follows from the time alone.</summary>
public enum AccessKeyState
{
    /// <summary>The key can be fetched by back ends, and does not sign yet.</summary>
    Published,

    /// <summary>The key signs.</summary>
    Signing,

    /// <summary>The key no longer signs, and verifies what it has signed.</summary>
    Retired,

    /// <summary>The key verifies nothing: all its tokens have expired, or it was withdrawn.</summary>
    Gone,
}

/// <summary>The life of an access key.</summary>
/// <param name="Number">The number that tokens name it by.</param>
/// <param name="Algorithm">The algorithm of its signatures, by its name of RFC 7518 §3.1.</param>
/// <param name="CreatedAt">The moment when it was created and published.</param>
/// <param name="SignsFrom">The moment from which it signs.</param>
/// <param name="SignsUntil">The moment from which its successor signs; null if it has none.</param>
/// <param name="GoneAt">The moment from which it verifies nothing; null if it has no successor.</param>
public sealed record AccessKeyPeriod(
    int Number,
    string Algorithm,
    DateTimeOffset CreatedAt,
    DateTimeOffset SignsFrom,
    DateTimeOffset? SignsUntil = null,
    DateTimeOffset? GoneAt = null)
{
    /// <summary>The state at a moment.</summary>
    public AccessKeyState StateAt(DateTimeOffset now) =>
        now >= GoneAt ? AccessKeyState.Gone
        : now >= SignsUntil ? AccessKeyState.Retired
        : now >= SignsFrom ? AccessKeyState.Signing
        : AccessKeyState.Published;
}
