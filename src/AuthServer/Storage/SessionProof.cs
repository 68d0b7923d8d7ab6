using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>A refresh token or handle that came along, to be replaced by a newer one.</summary>
/// <param name="Number">The generation of its refresh token, or the epoch of its handle.</param>
/// <param name="IsHandle">True for a handle.</param>
internal readonly record struct PresentedSecret(uint Number, bool IsHandle)
{
    /// <summary>A handle of an epoch; null for a session with tokens.</summary>
    public static PresentedSecret? OfHandle(uint? epoch) => epoch is { } number ? new(number, IsHandle: true) : null;
}

/// <summary>A proof by the user of a live session, which changes that user's credentials or the session.</summary>
/// <param name="Proof">The proof; it counts only while its stamp is still the account's.</param>
/// <param name="SessionId">The session of the request.</param>
/// <param name="Presented">The refresh token or handle of that session, which is to be replaced; null if none came along.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record SessionProof(AuthenticationProof Proof, Guid SessionId, PresentedSecret? Presented, ClientInfo Client)
{
    /// <summary>Codes that the proof uses up.</summary>
    public IReadOnlyList<ProofUse> Uses { get; init; } = [];

    /// <summary>
    /// Makes a change if the proof counts, and replaces the tokens or the handle of the session if it came along. Otherwise the
    /// change is not made.
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

        if (await transaction.UseAsync(Uses, user.Id, ct) is { } used)
        {
            return new SessionProofUsedUp(used);
        }

        var stored = row.Generation;
        if (Presented is { } presented && await ReplaceAsync(presented, transaction, policy, user, session, ct) is { } refused)
        {
            return refused;
        }

        await changeAsync(user, session);
        var grant = Presented is null ? null : row.ToGrant(session.User, transaction.Now, policy);
        return new SessionProofUsed(grant, stored, user.SecurityStamp);
    }

    // Null if it was replaced.
    private async Task<SessionProofResult?> ReplaceAsync(
        PresentedSecret presented,
        WriteTransaction transaction,
        SessionPolicy policy,
        UserRow user,
        LoadedSession session,
        CancellationToken ct)
    {
        var state = session.Row.ToState(user.Disabled);
        if (!presented.IsHandle)
        {
            var decision = Rotation.DecideReplacement(state, presented.Number, transaction.Now, policy);
            transaction.Apply(session, decision, presented.Number, policy, Client);
            return decision is Replace ? null : new PresentedTokenRefused(decision);
        }

        switch (SessionUse.Decide(state, presented.Number, transaction.Now, policy))
        {
            case AcceptUse accepted:
                await transaction.RaiseAsync(session, accepted.Epoch, Client, ct);
                return null;
            case RefuseUse over:
                return new AskingSessionEnded(over.Reason);
            default:
                return new PresentedHandleOld();
        }
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
/// <param name="Grant">The grant for new tokens or a new handle of the session; null if none came along.</param>
/// <param name="Stored">The generation or epoch of the session before the change.</param>
/// <param name="SecurityStamp">The security stamp of the account after the change.</param>
internal sealed record SessionProofUsed(SessionGrant? Grant, uint Stored, Guid SecurityStamp) : SessionProofResult;

/// <summary>
/// The refresh token that came along is refused. The change was not made; the session has ended if the decision says so.
/// </summary>
/// <param name="Decision">The decision of <see cref="Rotation"/>.</param>
internal sealed record PresentedTokenRefused(RotationDecision Decision) : SessionProofResult;

/// <summary>The handle that came along is from before another change of the session. Nothing was changed.</summary>
internal sealed record PresentedHandleOld : SessionProofResult;

/// <summary>The session of the request has ended. Nothing was changed.</summary>
/// <param name="Reason">The reason of its end.</param>
internal sealed record AskingSessionEnded(EndReason Reason) : SessionProofResult;

/// <summary>A part of the proof was used before. The change was not made.</summary>
/// <param name="Code">The reason for the client.</param>
internal sealed record SessionProofUsedUp(ErrorCode Code) : SessionProofResult;

/// <summary>Credentials have changed since the proof, so the identity has to be proved again. Nothing was changed.</summary>
internal sealed record SessionProofVoid : SessionProofResult;
