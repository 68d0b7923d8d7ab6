namespace AuthServer.Client;

/// <summary>The part of a session that outlives the process. Prints no token.</summary>
/// <param name="SessionId">The session's id.</param>
/// <param name="RefreshToken">The newest refresh token. It opens the user's account to any program that reads it.</param>
public sealed record StoredSession(Guid SessionId, string RefreshToken)
{
    /// <summary>Names the session alone.</summary>
    public override string ToString() => $"session {SessionId}";
}

/// <summary>
/// Keeps the one session of this installation. Must be safe to share: calls may overlap, also those of several processes that
/// share one store. Access tokens are never stored: they live in memory, for seconds.
/// </summary>
public interface ITokenStore
{
    /// <summary>The session; null if there is none.</summary>
    ValueTask<StoredSession?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Replaces <paramref name="expected"/> by <paramref name="replacement"/> in one atomic step. Null stands for no session, in
    /// both.
    /// </summary>
    /// <returns>
    /// True if the replacement is stored durably. False, with nothing changed, if something else than the expected session is
    /// stored. Then another process was faster, and an older token must not replace a newer one.
    /// </returns>
    ValueTask<bool> TryReplaceAsync(StoredSession? expected, StoredSession? replacement, CancellationToken cancellationToken);
}
