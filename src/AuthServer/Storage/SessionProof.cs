using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>A proof by the user of a live session, which changes that user's credentials or the session.</summary>
/// <param name="Proof">The proof; it counts only while its stamp is still the account's.</param>
/// <param name="SessionId">The session of the request.</param>
/// <param name="Presented">Generation of that session's refresh token, which is to be replaced; null if none came along.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record SessionProof(AuthenticationProof Proof, Guid SessionId, uint? Presented, ClientInfo Client)
{
    /// <summary>
    /// Makes a change if the proof counts, and replaces the tokens of the session if its refresh token came along. Otherwise
    /// the change is not made.
    /// </summary>
    /// <param name="transaction">The transaction of the change.</param>
    /// <param name="policy">The lifetimes of sessions.</param>
    /// <param name="changeAsync">Makes the change to the user and the session, which are loaded.</param>
    /// <param name="ct">Cancels the work.</param>
    public async Task<SessionProofResult> UseAsync(
        WriteTransaction transaction, SessionPolicy policy, Func<UserRow, LoadedSession, Task> changeAsync, CancellationToken ct)
    {
        var user = await transaction.LoadUserAsync(Proof.UserId, ct);
        var session = (await transaction.LoadAsync([SessionId], ct)).GetValueOrDefault(SessionId);
        if (user is null || session?.Row is not { EndReason: null } row || row.UserId != user.Id)
        {
            return new AskingSessionEnded(session?.Row.EndReason ?? EndReason.Expired);
        }

        if (user.SecurityStamp != Proof.SecurityStamp)
        {
            return new SessionProofVoid();
        }

        var stored = row.Generation;
        if (Presented is { } presented)
        {
            var decision = Rotation.DecideReplacement(row.ToState(user.Disabled), presented, transaction.Now, policy);
            transaction.Apply(session, decision, presented, policy, Client);
            if (decision is not Replace)
            {
                return new PresentedTokenRefused(decision);
            }
        }

        await changeAsync(user, session);
        var grant = Presented is null ? null : row.ToGrant(session.User, transaction.Now, policy);
        return new SessionProofUsed(grant, stored, user.SecurityStamp);
    }
}

/// <summary>Result of using a proof: one of the records below.</summary>
internal abstract record SessionProofResult
{
    private protected SessionProofResult()
    {
    }
}

/// <summary>The change was made.</summary>
/// <param name="Grant">The grant for new tokens of the session; null if no refresh token came along.</param>
/// <param name="Stored">The generation of the session before the change.</param>
/// <param name="SecurityStamp">The security stamp of the account after the change.</param>
internal sealed record SessionProofUsed(SessionGrant? Grant, uint Stored, Guid SecurityStamp) : SessionProofResult;

/// <summary>
/// The refresh token that came along is refused. The change was not made; the session has ended if the decision says so.
/// </summary>
/// <param name="Decision">The decision of <see cref="Rotation"/>.</param>
internal sealed record PresentedTokenRefused(RotationDecision Decision) : SessionProofResult;

/// <summary>The session of the request has ended. Nothing was changed.</summary>
/// <param name="Reason">The reason of its end.</param>
internal sealed record AskingSessionEnded(EndReason Reason) : SessionProofResult;

/// <summary>Credentials have changed since the proof, so the identity has to be proved again. Nothing was changed.</summary>
internal sealed record SessionProofVoid : SessionProofResult;
