namespace AuthServer.Core;

/// <summary>
/// The content of a refresh token: a session and one of its generations, in the form of <see cref="SessionSecret"/>. The same
/// session and generation give the same token under the same key.
/// </summary>
/// <param name="SessionId">The session.</param>
/// <param name="Generation">Number of the token in its session: 0 at the login, more with every rotation.</param>
public readonly record struct RefreshToken(Guid SessionId, uint Generation)
{
    /// <summary>Length on the wire, in characters.</summary>
    public const int EncodedLength = SessionSecret.EncodedLength;

    /// <summary>Encodes the token for the wire, under the newest key that makes tokens.</summary>
    public string Encode(RefreshKeyRing keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return SessionSecret.Encode(SessionId, Generation, keys);
    }

    /// <summary>
    /// Reads a token that was made under one of the keys. False for any other text: malformed, truncated, forged or of an unknown
    /// key.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, RefreshKeyRing keys, out RefreshToken token)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var isGenuine = SessionSecret.TryParse(text, keys, out var sessionId, out var generation);
        token = new RefreshToken(sessionId, generation);
        return isGenuine;
    }
}
