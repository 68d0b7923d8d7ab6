namespace AuthServer.Storage;

/// <summary>What decisions and tokens need of a user, as read in the transaction that decided.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Username">The name as its owner wrote it.</param>
/// <param name="DisplayName">The display name, or the user name where there is none.</param>
/// <param name="Roles">The roles.</param>
/// <param name="Disabled">Whether the account is disabled, so that no token may be made for it.</param>
internal sealed record TokenSubject(Guid Id, string Username, string DisplayName, IReadOnlyList<string> Roles, bool Disabled);

/// <summary>A decision, already durable, that tokens may now be made for.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Generation">The generation of its refresh token.</param>
/// <param name="DecidedAt">The moment of the decision: the tokens' <c>iat</c>.</param>
/// <param name="ExpiresAt">The session's end if it stays idle.</param>
/// <param name="User">Whose session it is.</param>
internal sealed record SessionGrant(
    Guid SessionId, uint Generation, DateTimeOffset DecidedAt, DateTimeOffset ExpiresAt, TokenSubject User);
