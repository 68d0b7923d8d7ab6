using AuthServer.Core;

namespace AuthServer.Sessions;

/// <summary>The caller of a private route that changes credentials.</summary>
/// <param name="UserId">The user.</param>
/// <param name="SessionId">The session of the request, which stays.</param>
/// <param name="Handle">The handle of that session; null for a session with tokens.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record ChangingCaller(Guid UserId, Guid SessionId, SessionHandle? Handle, ClientInfo Client);
