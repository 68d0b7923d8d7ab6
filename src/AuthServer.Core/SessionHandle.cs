namespace AuthServer.Core;

/// <summary>
/// The content of a session cookie: a session and its epoch, in the form of <see cref="SessionSecret"/>. Unlike a refresh token
/// it stays the same from use to use.
/// </summary>
/// <param name="SessionId">The session.</param>
/// <param name="Epoch">Number of changes of credentials and new proofs in the session, which make older handles void.</param>
public readonly record struct SessionHandle(Guid SessionId, uint Epoch)
{
    /// <summary>Length on the wire, in characters.</summary>
    public const int EncodedLength = SessionSecret.EncodedLength;

    /// <summary>Encodes the handle for the wire, under the newest key that makes handles.</summary>
    public string Encode(SessionHandleKeyRing keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return SessionSecret.Encode(SessionId, Epoch, keys);
    }

    /// <summary>
    /// Reads a handle that was made under one of the keys. False for any other text: malformed, truncated, forged or of an
    /// unknown key.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, SessionHandleKeyRing keys, out SessionHandle handle)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var isGenuine = SessionSecret.TryParse(text, keys, out var sessionId, out var epoch);
        handle = new SessionHandle(sessionId, epoch);
        return isGenuine;
    }
}
