namespace AuthServer.Bearer;

/// <summary>The session that a genuine access token names.</summary>
/// <param name="SessionId">The claim <c>sid</c>.</param>
/// <param name="HasExpired">True if the token's life is over.</param>
internal sealed record AccessTokenIdentity(Guid SessionId, bool HasExpired);
