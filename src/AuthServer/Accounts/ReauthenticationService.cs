using System.Text.Json;
using AuthServer.Core;
using AuthServer.Passkeys;
using AuthServer.Storage;

namespace AuthServer.Accounts;

/// <summary>The proofs that a caller can make.</summary>
/// <param name="Methods">
/// Those to choose one from: <c>password</c>, <c>passkey</c> or <c>mail_code</c>. None if only a new login can prove it.
/// </param>
/// <param name="SecondFactors">
/// Those to choose another one from, unless a passkey was chosen; none if the account's login asks for none.
/// </param>
/// <param name="State">The state for a passkey; null if there is none.</param>
/// <param name="Options">The options for it, in the JSON form of Web Authentication Level 3; null if there is none.</param>
internal sealed record ReauthenticationOptions(
    IReadOnlyList<string> Methods, IReadOnlyList<string> SecondFactors, string? State, JsonElement? Options);

/// <summary>Makes sessions fresh again by a new proof of identity. Safe to share.</summary>
internal sealed class ReauthenticationService(
    CallerProofService callers,
    PasskeyProofService passkeys,
    SessionStore sessions,
    AccountStore accounts,
    SecondFactorStore factors,
    LoginPolicy policy)
{
    /// <summary>
    /// Proves again who the user of a session is, and replaces the tokens of the session if its refresh token came along. Refuses
    /// with <see cref="ErrorCode.InvalidRequest"/>, or as <see cref="CallerProofService.ProveAsync"/> does.
    /// </summary>
    public async Task<Outcome<ProvedCaller>> ReauthenticateAsync(ProvingCaller caller, CancellationToken ct)
    {
        var (password, _, mailCode, passkey) = caller.Proofs;
        if (string.IsNullOrEmpty(password) && string.IsNullOrEmpty(mailCode) && passkey is null)
        {
            return Refusal.OfField("password", "Is required.");
        }

        if (new object?[] { password, mailCode, passkey }.Count(proof => proof is not null) > 1)
        {
            return Refusal.OfField("password", "Give a password, the code of a mail or a passkey, and no two of them.");
        }

        return await callers.ProveAsync(
            caller, EventKind.LoginFailed, async (_, proof) => await sessions.ReauthenticateAsync(proof, ct), ct);
    }

    /// <summary>Lists the proofs that a user can make in a session. Refuses with <see cref="ErrorCode.SessionEnded"/>.</summary>
    public async Task<Outcome<ReauthenticationOptions>> FindOptionsAsync(Guid userId, Guid sessionId, CancellationToken ct)
    {
        if (await accounts.FindAsync(userId, ct) is not { } account)
        {
            return new Refusal(ErrorCode.SessionEnded, EndReason.Deleted);
        }

        var found = await factors.FindAsync(userId, ct);
        var begun = found.HasFlag(FactorKinds.Passkey)
            ? (await passkeys.BeginAsync(new(PasskeyPurpose.FreshProof, userId, sessionId), ct)).Value
            : null;
        string[] methods =
        [
            .. account.Password is null ? Array.Empty<string>() : ["password"],
            .. begun is null ? Array.Empty<string>() : ["passkey"],
        ];
        var isSecondDue = (account.SecondFactorRequired || policy.RequiresSecondFactor(account.Roles))
            && found.AreReliable();
        return new ReauthenticationOptions(
            methods.Length == 0 && account.HasVerifiedEmail ? ["mail_code"] : methods,
            isSecondDue ? new SecondFactorOffer(Challenge: null, found & ~FactorKinds.Passkey).MethodNames : [],
            begun?.State,
            begun?.Options);
    }
}
