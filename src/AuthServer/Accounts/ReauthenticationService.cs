using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>Makes sessions fresh again by a new proof of identity. Safe to share.</summary>
internal sealed class ReauthenticationService(CallerProofService callers, SessionStore sessions)
{
    /// <summary>
    /// Proves again who the user of a session is, and replaces the tokens of the session if its refresh token came along. Refuses
    /// with <see cref="ErrorCode.InvalidRequest"/>, or as <see cref="CallerProofService.ProveAsync"/> does.
    /// </summary>
    public async Task<Outcome<ProvedCaller>> ReauthenticateAsync(ProvingCaller caller, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(caller.Password))
        {
            return Refusal.OfField("password", "Is required.");
        }

        return await callers.ProveAsync(
            caller, EventKind.LoginFailed, async (_, proof) => await sessions.ReauthenticateAsync(proof, ct), ct);
    }
}
