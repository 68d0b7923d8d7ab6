namespace AuthServer.Client;

/// <summary>A session as it outlives the process. Prints no token.</summary>
/// <param name="SessionId">The session's id.</param>
/// <param name="RefreshToken">The newest refresh token. Who has it is signed in: keep it from others.</param>
public sealed record StoredSession(Guid SessionId, string RefreshToken)
{
    /// <summary>Names the session alone.</summary>
    public override string ToString() => $"session {SessionId}";
}

/// <summary>
/// Keeps the one session of this installation. Calls may come at the same time, and from several processes where they share what
/// is stored. Access tokens are never stored: they live in memory, for seconds.
/// </summary>
public interface ITokenStore
{
    /// <summary>The session; null where nobody is signed in.</summary>
    ValueTask<StoredSession?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Puts <paramref name="replacement"/> in the place of <paramref name="expected"/>, as one step that nothing comes between;
    /// null stands for no session in both. False, with nothing changed, where something else is stored: another process was
    /// faster, and an older token must not take the place of a newer one. Once true is returned it has to last.
    /// </summary>
    ValueTask<bool> TryReplaceAsync(StoredSession? expected, StoredSession? replacement, CancellationToken cancellationToken);
}
