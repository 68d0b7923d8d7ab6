using AuthServer.Core;

namespace AuthServer.Storage;

/// <summary>Reason why a change is not made.</summary>
internal enum ChangeRefusal
{
    /// <summary>The account has no such credential, or none to rely on.</summary>
    NotFound,

    /// <summary>The account has one already.</summary>
    Exists,

    /// <summary>The credential is another account's.</summary>
    InUse,

    /// <summary>The identity does not have the verified address of the account.</summary>
    OtherAddress,

    /// <summary>The state or the challenge of the request was used before, or is void.</summary>
    Spent,

    /// <summary>The account has as many as it may have.</summary>
    TooMany,

    /// <summary>The account has no other credential.</summary>
    Last,
}

/// <summary>Result of a change by its own rules: it was made, or refused.</summary>
/// <param name="Refusal">The reason why it was not made; null if it was.</param>
/// <param name="HasNewCodes">True if it added recovery codes.</param>
internal readonly record struct ChangeResult(ChangeRefusal? Refusal, bool HasNewCodes = false)
{
    /// <summary>The change was made.</summary>
    public static readonly ChangeResult Made = new(Refusal: null);

    public static implicit operator ChangeResult(ChangeRefusal refusal) => new(refusal);
}

/// <summary>A change of the credentials of a user, asked for in a live session with a fresh proof.</summary>
/// <param name="UserId">The user.</param>
/// <param name="SessionId">The session of the request. It stays.</param>
/// <param name="Presented">The handle of that session, which is to be replaced; null for a session with tokens.</param>
/// <param name="Client">The origin of the request.</param>
internal sealed record CredentialChange(Guid UserId, Guid SessionId, PresentedSecret? Presented, ClientInfo Client)
{
    /// <summary>The account's security stamp when the user began the change; null if it takes one request.</summary>
    public Guid? SecurityStamp { get; init; }

    /// <summary>The proof of a caller whose session is fresh.</summary>
    /// <param name="current">The account's security stamp now.</param>
    public SessionProof ProofOf(Guid current) =>
        new(new(UserId, default, default, SecurityStamp ?? current), SessionId, Presented, Client);
}

/// <summary>Makes changes of credentials that users ask for in a session. Safe to share.</summary>
internal sealed class CredentialChanger(SessionEnder ender, SessionPolicy policy)
{
    /// <summary>
    /// Makes a change, which voids proofs from before and ends the user's other sessions. The change records its event and its
    /// mail.
    /// </summary>
    /// <param name="by">The user and the session that ask.</param>
    /// <param name="changeAsync">Changes the account, or refuses before it does. It may be run more than once.</param>
    /// <param name="ct">Cancels the work up to its commit.</param>
    public Task<SessionProofResult> RunAsync(
        CredentialChange by,
        Func<WriteTransaction, UserRow, CancellationToken, Task<ChangeResult>> changeAsync,
        CancellationToken ct) => ender.RunAsync<SessionProofResult>(
        by.UserId,
        EndReason.Revoked,
        spared: by.SessionId,
        by.Client,
        async (transaction, token) =>
        {
            if (await transaction.LoadUserAsync(by.UserId, token) is not { } owner)
            {
                return new AskingSessionEnded(EndReason.Deleted);
            }

            return await by.ProofOf(owner.SecurityStamp).UseAsync(
                transaction,
                policy,
                async (user, _) =>
                {
                    var result = await changeAsync(transaction, user, token);
                    if (result.Refusal is null)
                    {
                        user.ChangeCredentials();
                        await transaction.EndAllAsync(user, EndReason.Revoked, except: by.SessionId, by.Client, token);
                    }

                    return result;
                },
                token);
        },
        ct);
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
