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
/// Keeps the one session of this installation, and its device token. Must be safe to share: calls may overlap, also those of
/// several processes that share one store. Access tokens are never stored: they live in memory, for seconds.
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

    /// <summary>
    /// The device token of the last login. It outlives the session. The next login sends it, so that it succeeds while the server
    /// slows down guesses at the account. Null if there is none, and unless a store implements this.
    /// </summary>
    /// <remarks>An exception is logged, and the login is sent without a device token.</remarks>
    ValueTask<string?> ReadDeviceTokenAsync(CancellationToken cancellationToken) => ValueTask.FromResult<string?>(null);

    /// <summary>Replaces the device token. Does nothing unless a store implements this.</summary>
    /// <remarks>Called after the session is stored. An exception is logged, and the login succeeds.</remarks>
    ValueTask WriteDeviceTokenAsync(string deviceToken, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
