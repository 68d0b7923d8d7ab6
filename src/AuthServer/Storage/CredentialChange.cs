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

/// <summary>Changes that a user asks for in a session.</summary>
internal static class AskingSessions
{
    /// <summary>True if an account is in use and a session of it is live, read in the transaction of a change.</summary>
    public static async Task<bool> MayAskAsync(
        this WriteTransaction transaction, UserRow user, Guid sessionId, CancellationToken ct) =>
        !user.Disabled
        && (await transaction.LoadAsync([sessionId], ct)).GetValueOrDefault(sessionId) is { Row: { EndReason: null } row }
        && row.UserId == user.Id;
}
