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
    /// <param name="changeAsync">Changes the user and the session, which are loaded, or refuses before it changes them.</param>
    /// <param name="ct">Cancels the work.</param>
    public async Task<SessionProofResult> UseAsync(
        WriteTransaction transaction,
        SessionPolicy policy,
        Func<UserRow, LoadedSession, Task<ChangeResult>> changeAsync,
        CancellationToken ct)
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

        // Decided before anything is used up, and applied after the change: a refusal leaves both as they are.
        var (stored, state) = (row.Generation, row.ToState(user.Disabled));
        var replacement = Presented is { IsHandle: false, Number: var generation }
            ? Rotation.DecideReplacement(state, generation, transaction.Now, policy)
            : null;
        if (replacement is not (null or Replace))
        {
            transaction.Apply(session, replacement, Presented!.Value.Number, policy, Client);
            return new PresentedTokenRefused(replacement);
        }

        if (Presented is { IsHandle: true, Number: var epoch }
            && RefusalOf(SessionUse.Decide(state, epoch, transaction.Now, policy)) is { } refused)
        {
            return refused;
        }

        if (await transaction.UseAsync(Uses, user.Id, ct) is { } used)
        {
            return new SessionProofUsedUp(used);
        }

        var change = await changeAsync(user, session);
        if (change.Refusal is { } reason)
        {
            return new ChangeRefused(reason);
        }

        if (Presented is not { } presented)
        {
            return new SessionProofUsed(Grant: null, stored, user.SecurityStamp, change.HasNewCodes);
        }

        if (replacement is null)
        {
            await transaction.RaiseAsync(session, presented.Number, Client, ct);
        }
        else
        {
            transaction.Apply(session, replacement, presented.Number, policy, Client);
        }

        var grant = row.ToGrant(session.User, transaction.Now, policy);
        return new SessionProofUsed(grant, stored, user.SecurityStamp, change.HasNewCodes);
    }

    private static SessionProofResult? RefusalOf(UseDecision decision) => decision switch
    {
        AcceptUse => null,
        RefuseUse over => new AskingSessionEnded(over.Reason),
        _ => new PresentedHandleOld(),
    };
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
/// <param name="HasNewCodes">True if the change added recovery codes.</param>
internal sealed record SessionProofUsed(SessionGrant? Grant, uint Stored, Guid SecurityStamp, bool HasNewCodes)
    : SessionProofResult;

/// <summary>The change refuses. Nothing was changed.</summary>
/// <param name="Reason">The reason.</param>
internal sealed record ChangeRefused(ChangeRefusal Reason) : SessionProofResult;

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
