using AuthServer.Core;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>The proofs that a caller can make.</summary>
/// <param name="Methods">Those to choose one from: <c>password</c> or <c>mail_code</c>.</param>
/// <param name="SecondFactors">Those to choose another one from; none unless the account's login asks for one.</param>
internal sealed record ReauthenticationOptions(IReadOnlyList<string> Methods, IReadOnlyList<string> SecondFactors);

/// <summary>Makes sessions fresh again by a new proof of identity. Safe to share.</summary>
internal sealed class ReauthenticationService(
    CallerProofService callers, SessionStore sessions, AccountStore accounts, SecondFactorStore factors, LoginPolicy policy)
{
    /// <summary>
    /// Proves again who the user of a session is, and replaces the tokens of the session if its refresh token came along. Refuses
    /// with <see cref="ErrorCode.InvalidRequest"/>, or as <see cref="CallerProofService.ProveAsync"/> does.
    /// </summary>
    public async Task<Outcome<ProvedCaller>> ReauthenticateAsync(ProvingCaller caller, CancellationToken ct)
    {
        if (caller.Proofs is { Password: null or "", MailCode: null or "" })
        {
            return Refusal.OfField("password", "Is required.");
        }

        if (caller.Proofs is { Password: not null, MailCode: not null })
        {
            return Refusal.OfField("mailCode", "Give the password or the code of a mail, not both.");
        }

        return await callers.ProveAsync(
            caller, EventKind.LoginFailed, async (_, proof) => await sessions.ReauthenticateAsync(proof, ct), ct);
    }

    /// <summary>Lists the proofs that a user can make. Refuses with <see cref="ErrorCode.SessionEnded"/>.</summary>
    public async Task<Outcome<ReauthenticationOptions>> FindOptionsAsync(Guid userId, CancellationToken ct)
    {
        if (await accounts.FindAsync(userId, ct) is not { } account)
        {
            return new Refusal(ErrorCode.SessionEnded, EndReason.Disabled);
        }

        var isSecondDue = account.SecondFactorRequired || policy.RequiresSecondFactor(account.Roles);
        var second = isSecondDue ? await factors.FindAsync(userId, ct) : FactorKinds.None;
        return new ReauthenticationOptions(
            [account.Password is null ? "mail_code" : "password"],
            second == FactorKinds.RecoveryCode ? [] : new SecondFactorOffer(Challenge: null, second).MethodNames);
    }
}
