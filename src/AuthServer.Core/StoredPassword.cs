namespace AuthServer.Core;

/// <summary>The password of an account, as stored.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Hash">The hash.</param>
/// <param name="SecurityStamp">The account's security stamp, read together with the hash.</param>
public sealed record StoredPassword(Guid UserId, string Hash, Guid SecurityStamp);
