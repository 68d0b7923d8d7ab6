namespace AuthServer.Tokens;

/// <summary>What an access token of ours says of its session.</summary>
/// <param name="SessionId">The claim <c>sid</c>.</param>
/// <param name="HasExpired">Whether its life is over.</param>
internal sealed record AccessTokenIdentity(Guid SessionId, bool HasExpired);
