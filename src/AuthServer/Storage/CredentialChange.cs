using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>A change of the credentials of a user, asked for in a live session with a fresh proof.</summary>
/// <param name="UserId">The user.</param>
/// <param name="SessionId">The session of the request.</param>
/// <param name="Presented">The handle of that session, which is to be replaced; null for a session with tokens.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record CredentialChange(Guid UserId, Guid SessionId, PresentedSecret? Presented, ClientInfo Client)
{
    /// <summary>The proof of a caller whose session is fresh.</summary>
    /// <param name="securityStamp">The account's security stamp at the request.</param>
    public SessionProof ProofOf(Guid securityStamp) =>
        new(new(UserId, default, default, securityStamp), SessionId, Presented, Client);
}
