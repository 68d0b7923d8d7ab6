namespace AuthServer.Core;

/// <summary>A durable decision that tokens may be made for.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Generation">The generation of its refresh token, or the epoch of its handle.</param>
/// <param name="DecidedAt">The moment of the decision: the access token's <c>iat</c>.</param>
/// <param name="ExpiresAt">The session's end if it stays idle.</param>
/// <param name="EndsAt">The session's end however often it is used.</param>
/// <param name="AuthenticatedAt">The moment of the last proof of identity in this session: <c>auth_time</c>.</param>
/// <param name="Methods">The methods of that proof: <c>amr</c>.</param>
/// <param name="User">The user of the session.</param>
public sealed record SessionGrant(
    Guid SessionId,
    uint Generation,
    DateTimeOffset DecidedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset EndsAt,
    DateTimeOffset AuthenticatedAt,
    AuthenticationMethods Methods,
    TokenSubject User);
